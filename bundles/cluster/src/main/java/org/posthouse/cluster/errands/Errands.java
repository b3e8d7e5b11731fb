// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.errands;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Mouth;
import org.posthouse.telemetry.spi.Clerk;
import org.posthouse.telemetry.spi.Members;
import org.posthouse.telemetry.spi.Members.Reply;
import org.posthouse.telemetry.spi.Members.Request;
import org.posthouse.telemetry.spi.Members.Response;
import org.posthouse.telemetry.spi.Members.Silence;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries requests to other members and their replies back, in pieces each of which is accepted at once and sent again
 * until it is. An errand has a name, by which what comes twice is known, and is for one life of the member: of a later one
 * that knows nothing of it nothing is asked. All but {@link #ask} runs on the station's thread.
 */
public final class Errands implements AutoCloseable {
    /** So much of letters may be in memory at this end, and so many errands may be done at a time. */
    private static final long BUDGET = 48L * 1024 * 1024;

    private static final int AT_ONCE = 64;

    /** How many errands are remembered, and for how many milliseconds after their asker has given up. */
    private static final int REMEMBERED = 10_000;

    private static final long MEMORY = 10_000;
    private static final long LONGEST_PATIENCE = 600_000;
    /** A station that has stopped gives up nothing. */
    private static final long GRACE = 2_000;

    private static final byte[] ACCEPTED = {'A'};
    private static final byte[] FULL = {'F'};
    private static final byte[] GONE = {'G'};
    private static final Logger LOG = LoggerFactory.getLogger(Errands.class);

    /** How it stands with the others, as the errands have to know it. */
    public interface Sight {
        /** The life in which a member is; 0 when none is known. */
        long life(String member);

        /** Whether it answered just now. */
        boolean reachable(String member);
    }

    /** An errand that another member does. */
    private static final class Asked {
        final String member;
        final long life;
        final long deadline;
        final Sending sending;
        final CompletableFuture<Reply> reply;

        @Nullable
        Arriving arriving;

        Asked(String member, long life, long deadline, Sending sending, CompletableFuture<Reply> reply) {
            this.member = member;
            this.life = life;
            this.deadline = deadline;
            this.sending = sending;
            this.reply = reply;
        }
    }

    private record Name(String member, UUID errand) {}

    /** An errand that this node does, or has done. */
    private static final class Taken {
        @Nullable
        Arriving arriving;

        long deadline;

        Taken(Arriving arriving) {
            this.arriving = arriving;
        }
    }

    private final Membership members;
    private final Sight sight;
    private final Clocks clocks;
    private final Executor station;
    private final Executor threads;
    private final Mouth mouth;
    private final Supplier<? extends @Nullable Clerk> clerk;
    private final Map<UUID, Asked> asked = new HashMap<>();
    private final Map<Name, Taken> taken = new LinkedHashMap<>();
    private final Map<String, Line> lines = new HashMap<>();
    private long memory;
    private int doing;
    private boolean closed;

    /**
     * @param station the station's thread
     * @param threads where the clerk may be waited for
     * @param mouth speaks at once, since it is called on the station's thread
     * @param clerk who answers here; null while nobody does
     */
    public Errands(
            Membership members,
            Sight sight,
            Clocks clocks,
            Executor station,
            Executor threads,
            Mouth mouth,
            Supplier<? extends @Nullable Clerk> clerk) {
        this.members = members;
        this.sight = sight;
        this.clocks = clocks;
        this.station = station;
        this.threads = threads;
        this.mouth = mouth;
        this.clerk = clerk;
        members.others().forEach(member -> lines.put(member, new Line()));
    }

    /** Asks a member, or this one; see {@link Members#ask}. Called on any thread. */
    public CompletableFuture<Reply> ask(String member, Request request, Duration patience) {
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        if (request.body().length > Members.LARGEST) {
            reply.complete(new Silence("A member of the cluster can be asked with at most " + Members.LARGEST
                    + " octets, and this is " + request.body().length));
            return reply;
        }
        long millis = Math.clamp(patience.toMillis(), 1, LONGEST_PATIENCE);
        reply.completeOnTimeout(silent(member), millis + GRACE, TimeUnit.MILLISECONDS);
        if (member.equals(members.self())) {
            threads.execute(() -> reply.complete(answer(request, member)));
        } else {
            Letter letter = Letter.of(request);
            station.execute(() -> begin(member, letter, millis, reply));
        }
        return reply;
    }

    private static Silence silent(String member) {
        return new Silence("Node " + member + " does not answer");
    }

    private static Silence unknown(String member, String what) {
        return new Silence("Node " + member + " " + what + "; it may have done what it was asked or not");
    }

    private void begin(String member, Letter letter, long millis, CompletableFuture<Reply> reply) {
        Line line = lines.get(member);
        if (line == null) {
            reply.complete(new Silence("The cluster has no member " + member));
        } else if (letter.head().length > Letter.LONGEST_HEAD) {
            reply.complete(new Silence("The request is too long"));
        } else if (closed || !sight.reachable(member)) {
            reply.complete(silent(member));
        } else {
            UUID name = UUID.randomUUID();
            long deadline = clocks.monotonic() + millis;
            Sending sending = new Sending(Piece.Kind.REQUEST, name, letter, deadline);
            asked.put(name, new Asked(member, sight.life(member), deadline, sending, reply));
            line.add(sending);
            pump(member, line);
        }
    }

    /** Says what may be said to a member now. */
    private void pump(String member, Line line) {
        for (Sending next = line.next(clocks.monotonic());
                next != null && !closed;
                next = line.next(clocks.monotonic())) {
            Asked errand = asked.get(next.errand());
            // Another life does not know what the one before has done.
            if (errand != null && errand.sending == next && errand.life != sight.life(member)) {
                line.landed();
                restarted(errand);
                continue;
            }
            Sending sending = next;
            Piece piece = sending.next(clocks.monotonic());
            mouth.say(member, piece.write(), answer -> {
                line.landed();
                heard(line, sending, piece, answer);
                pump(member, line);
            });
        }
    }

    private void heard(Line line, Sending sending, Piece piece, byte @Nullable [] answer) {
        if (answer == null || answer.length != 1 || answer[0] == FULL[0]) {
            line.rest(sending);
        } else if (answer[0] == ACCEPTED[0]) {
            sending.accepted(piece);
            line.add(sending);
        } else {
            sending.end();
            Asked errand = asked.get(sending.errand());
            if (errand != null && errand.sending == sending) {
                end(errand, silent(errand.member));
            }
        }
    }

    private void restarted(Asked errand) {
        end(
                errand,
                errand.sending.wasSaid() ? unknown(errand.member, "has begun anew meanwhile") : silent(errand.member));
    }

    private void end(Asked errand, Reply reply) {
        asked.remove(errand.sending.errand());
        errand.sending.end();
        release(errand.arriving);
        errand.reply.complete(reply);
    }

    private void release(@Nullable Arriving arriving) {
        memory -= arriving == null ? 0 : arriving.size();
    }

    /** Takes a piece of another member. */
    public void take(String from, byte[] octets, Consumer<byte[]> answer) {
        try {
            Piece piece = Piece.read(octets);
            answer.accept(
                    closed ? GONE : piece.kind() == Piece.Kind.REQUEST ? request(from, piece) : reply(from, piece));
        } catch (IllegalArgumentException e) {
            LOG.warn("Cluster: what {} asks can not be read: {}", from, e.getMessage());
            answer.accept(GONE);
        }
    }

    private boolean fits(Piece first) {
        return first.total() <= Members.LARGEST && first.head().length <= Letter.LONGEST_HEAD;
    }

    private boolean hasRoom(Piece first) {
        return memory + first.head().length + first.total() <= BUDGET;
    }

    private byte[] request(String from, Piece piece) {
        Name name = new Name(from, piece.errand());
        Taken errand = taken.get(name);
        if (errand == null) {
            if (!piece.isFirst() || !fits(piece)) {
                return GONE;
            }
            if (!hasRoom(piece) || taken.size() >= REMEMBERED || doing >= AT_ONCE) {
                return FULL;
            }
            errand = new Taken(new Arriving(piece));
            memory += errand.arriving == null ? 0 : errand.arriving.size();
            taken.put(name, errand);
        } else if (errand.arriving != null && !errand.arriving.add(piece)) {
            return GONE;
        }
        errand.deadline = clocks.monotonic() + Math.min(piece.patience(), LONGEST_PATIENCE);
        Arriving arriving = errand.arriving;
        if (arriving != null && arriving.isWhole()) {
            errand.arriving = null;
            work(name, errand, arriving);
        }
        return ACCEPTED;
    }

    /** Has the clerk do it; what it takes of memory counts until it is done. */
    private void work(Name name, Taken errand, Arriving arriving) {
        doing++;
        threads.execute(() -> {
            Letter letter = Letter.of(done(arriving.letter(), name.member()));
            station.execute(() -> {
                doing--;
                release(arriving);
                Line line = lines.get(name.member());
                if (line != null) {
                    line.add(new Sending(Piece.Kind.REPLY, name.errand(), letter, errand.deadline));
                    pump(name.member(), line);
                }
            });
        });
    }

    private Reply done(Letter letter, String from) {
        try {
            return answer(letter.request(), from);
        } catch (IOException e) {
            LOG.warn("Cluster: what {} asks can not be read: {}", from, e.getMessage());
            return new Silence("Node " + members.self() + " can not read what it is asked");
        }
    }

    private Reply answer(Request request, String from) {
        Clerk here = clerk.get();
        if (here == null) {
            return new Silence("The API of node " + members.self() + " is not running (yet)");
        }
        try {
            Response response = here.answer(request, from);
            return response.body().length <= Members.LARGEST
                    ? response
                    : new Silence(
                            "The answer of node " + members.self() + " is larger than " + Members.LARGEST + " octets");
        } catch (RuntimeException | LinkageError e) {
            LOG.error("Cluster: {} {} for {} failed", request.method(), request.path(), from, e);
            return new Silence("Node " + members.self() + " failed at it; its log says more");
        }
    }

    private byte[] reply(String from, Piece piece) {
        Asked errand = asked.get(piece.errand());
        if (errand == null || !errand.member.equals(from)) {
            return GONE;
        }
        if (errand.arriving == null) {
            if (!piece.isFirst() || !fits(piece)) {
                return GONE;
            }
            if (!hasRoom(piece)) {
                return FULL;
            }
            errand.arriving = new Arriving(piece);
            memory += errand.arriving.size();
        } else if (!errand.arriving.add(piece)) {
            return GONE;
        }
        if (errand.arriving.isWhole()) {
            end(errand, read(errand.arriving.letter(), from));
        }
        return ACCEPTED;
    }

    private static Reply read(Letter letter, String from) {
        try {
            return letter.reply();
        } catch (IOException e) {
            LOG.warn("Cluster: what {} replies can not be read: {}", from, e.getMessage());
            return unknown(from, "says what can not be read");
        }
    }

    /** Tries again what was not accepted, gives up what is overdue, and forgets; called some times a second. */
    public void tick() {
        long now = clocks.monotonic();
        for (Asked errand : new ArrayList<>(asked.values())) {
            if (now >= errand.deadline) {
                end(errand, errand.sending.wasSaid() ? late(errand) : silent(errand.member));
            } else if (errand.life != sight.life(errand.member)) {
                restarted(errand);
            }
        }
        Iterator<Taken> all = taken.values().iterator();
        while (all.hasNext()) {
            Taken errand = all.next();
            if (now >= errand.deadline + MEMORY) {
                release(errand.arriving);
                all.remove();
            }
        }
        lines.forEach((member, line) -> {
            line.rested();
            pump(member, line);
        });
    }

    private static Silence late(Asked errand) {
        return unknown(errand.member, "does not answer in time");
    }

    /** How many octets of letters are in memory because they arrive or are worked at. */
    long memory() {
        return memory;
    }

    /** All who wait are told that nothing will come. */
    @Override
    public void close() {
        closed = true;
        List.copyOf(asked.values()).forEach(errand -> end(errand, new Silence("This node stops")));
    }
}
