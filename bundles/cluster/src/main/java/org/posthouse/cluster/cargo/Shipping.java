// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.cargo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.posthouse.api.Content;
import org.posthouse.cluster.protocol.Freight;
import org.posthouse.cluster.transport.Cargo;
import org.posthouse.cluster.transport.Item;
import org.posthouse.cluster.transport.ParcelPeers;
import org.posthouse.spool.spi.Copies;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings messages to other members: a small one goes right in front of the record that needs it, a large one in pieces
 * before, of which a few are on their way at a time.
 */
public final class Shipping implements Freight, Cargo {
    private static final int WINDOW = 4 * Piece.MOST;
    private static final int AT_ONCE = 64;
    private static final long PATIENCE = 10;
    private static final Logger LOG = LoggerFactory.getLogger(Shipping.class);

    private record Way(String member, MessageId body) {}

    /** A large body on its way. */
    private static final class Transfer {
        final BlockingQueue<Long> got = new LinkedBlockingQueue<>();
        final CompletableFuture<Boolean> arrived = new CompletableFuture<>();
    }

    private record Parcel(Item.Kind kind, byte[] octets) {}

    private final Spool spool;
    private final Copies copies;
    private final Dock dock;
    private final ParcelPeers peers;
    private final Executor station;
    private final Executor threads;
    private final Map<Way, Transfer> transfers = new ConcurrentHashMap<>();
    private final Map<String, Semaphore> places = new ConcurrentHashMap<>();

    /**
     * @param station where peers are spoken to
     * @param threads where the disk may be waited for
     */
    public Shipping(Spool spool, Copies copies, Dock dock, ParcelPeers peers, Executor station, Executor threads) {
        this.spool = spool;
        this.copies = copies;
        this.dock = dock;
        this.peers = peers;
        this.station = station;
        this.threads = threads;
    }

    @Override
    public void bring(String node, List<MessageId> messages, boolean octets, Consumer<Boolean> then) {
        threads.execute(() -> {
            Semaphore place = places.computeIfAbsent(node, n -> new Semaphore(AT_ONCE));
            place.acquireUninterruptibly();
            try {
                Optional<List<Parcel>> ready = prepare(node, messages, octets);
                station.execute(() -> {
                    ready.ifPresent(all -> all.forEach(p -> peers.ship(node, p.kind(), p.octets())));
                    then.accept(ready.isPresent());
                });
            } finally {
                place.release();
            }
        });
    }

    /** What is to go in front of the record; empty when it can not be brought now. */
    private Optional<List<Parcel>> prepare(String node, List<MessageId> messages, boolean octets) {
        List<Parcel> ready = new ArrayList<>();
        List<MessageId> brought = new ArrayList<>();
        try {
            for (MessageId id : messages) {
                Optional<Spool.Stored> stored = spool.load(id);
                if (stored.isEmpty()) {
                    continue;
                }
                if (octets) {
                    for (var body : copies.bodies(stored.get().envelope()).entrySet()) {
                        if (!brought.contains(body.getKey()) && !pack(node, body.getKey(), body.getValue(), ready)) {
                            return Optional.empty();
                        }
                        brought.add(body.getKey());
                    }
                }
                ready.add(new Parcel(
                        Item.Kind.ENVELOPE,
                        envelope(id, copies.octets(stored.get().envelope()))));
            }
            return Optional.of(ready);
        } catch (IOException e) {
            LOG.warn("Cluster: messages {} can not be read for {}", messages, node, e);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private boolean pack(String node, MessageId id, Content body, List<Parcel> ready)
            throws IOException, InterruptedException {
        if (body.size() <= Piece.MOST) {
            try (InputStream in = body.open()) {
                byte[] all = in.readAllBytes();
                ready.add(new Parcel(Item.Kind.PIECE, new Piece(id, 0, all.length, all).write()));
            }
            return true;
        }
        Way way = new Way(node, id);
        Transfer transfer = new Transfer();
        Transfer other = transfers.putIfAbsent(way, transfer);
        if (other != null) {
            return other.arrived.join();
        }
        boolean arrived = false;
        try {
            arrived = transfer(way, body, transfer.got);
        } finally {
            transfers.remove(way);
            transfer.arrived.complete(arrived);
        }
        return arrived;
    }

    private boolean transfer(Way way, Content body, BlockingQueue<Long> got) throws IOException, InterruptedException {
        long total = body.size();
        long sent = 0;
        long there = 0;
        try (InputStream in = body.open()) {
            while (there < total) {
                while (sent < total && sent + Piece.MOST - there <= WINDOW) {
                    byte[] octets = in.readNBytes((int) Math.min(Piece.MOST, total - sent));
                    byte[] piece = new Piece(way.body(), sent, total, octets).write();
                    station.execute(() -> peers.shipBulk(way.member(), piece));
                    sent += octets.length;
                }
                Long next = got.poll(PATIENCE, TimeUnit.SECONDS);
                if (next == null || next < 0) {
                    LOG.warn("Cluster: {} took {} of {} octets of {}", way.member(), there, total, way.body());
                    return false;
                }
                there = Math.max(there, next);
            }
        }
        return true;
    }

    private static byte[] envelope(MessageId id, byte[] octets) {
        return ByteBuffer.allocate(16 + octets.length)
                .put(id.bytes())
                .put(octets)
                .array();
    }

    @Override
    public void take(String from, Item.Kind kind, byte[] octets) {
        switch (kind) {
            case PIECE -> {
                Piece piece = Piece.read(octets);
                long there = dock.piece(piece);
                if (piece.total() > Piece.MOST) {
                    byte[] got = ByteBuffer.allocate(24)
                            .put(piece.body().bytes())
                            .putLong(there)
                            .array();
                    station.execute(() -> peers.ship(from, Item.Kind.GOT, got));
                }
            }
            case ENVELOPE -> {
                ByteBuffer in = ByteBuffer.wrap(octets);
                MessageId id = MessageId.read(in);
                byte[] content = new byte[in.remaining()];
                in.get(content);
                dock.envelope(id, content);
            }
            case GOT -> {
                ByteBuffer in = ByteBuffer.wrap(octets);
                Transfer transfer = transfers.get(new Way(from, MessageId.read(in)));
                if (transfer != null) {
                    transfer.got.add(in.getLong());
                }
            }
            case CALL, ANSWER -> throw new IllegalArgumentException("no cargo: " + kind);
        }
    }
}
