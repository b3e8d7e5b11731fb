// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.limits;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.cluster.protocol.Answer;
import org.posthouse.cluster.protocol.Ballot;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Frame;
import org.posthouse.cluster.protocol.Freight;
import org.posthouse.cluster.protocol.HeldMessage;
import org.posthouse.cluster.protocol.Incarnation;
import org.posthouse.cluster.protocol.Journal;
import org.posthouse.cluster.protocol.Ledger;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Peers;
import org.posthouse.cluster.protocol.Register;
import org.posthouse.cluster.protocol.Response;
import org.posthouse.cluster.protocol.Rights;
import org.posthouse.cluster.protocol.Station;
import org.posthouse.cluster.protocol.Term;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.state.spi.Kept;

/** One node of the made-up world of limits: disk, clocks and net around standing and quotas as they ship. */
final class LimitNode implements Clocks, Peers {
    private record Write(List<Register> registers, long since, Runnable synced) {}

    /** The registers as a process sees them, and behind that those that have come through. */
    private final class SimLedger implements Ledger {
        private final Map<String, Register> seen = new TreeMap<>(disk);
        private long since = diskSince;
        private final List<Write> waiting = new ArrayList<>();

        @Override
        public Optional<HeldMessage> find(MessageId id) {
            return Optional.empty();
        }

        @Override
        public void put(List<HeldMessage> records, Runnable synced) {
            throw new IllegalStateException("there is no mail in this world");
        }

        @Override
        public void remove(MessageId id, Runnable synced) {
            throw new IllegalStateException("there is no mail in this world");
        }

        @Override
        public List<Register> registers() {
            return List.copyOf(seen.values());
        }

        @Override
        public long emptySince() {
            return since;
        }

        @Override
        public void put(List<Register> registers, long emptySince, Runnable synced) {
            registers.forEach(r -> seen.put(r.node(), r));
            since = emptySince;
            waiting.add(new Write(registers, emptySince, synced));
            if (waiting.size() == 1) {
                world.at(
                        world.chance(0.02) ? world.between(100, 3_000) : world.between(0, 3),
                        LimitNode.this,
                        this::sync);
            }
        }

        private void sync() {
            List<Write> done = List.copyOf(waiting);
            waiting.clear();
            done.forEach(this::written);
            done.forEach(w -> w.synced().run());
        }

        private void written(Write w) {
            w.registers().forEach(r -> disk.put(r.node(), r));
            diskSince = w.since();
        }

        void crash() {
            waiting.subList(0, world.random.nextInt(waiting.size() + 1)).forEach(this::written);
        }
    }

    private static final class Silence implements Journal {
        @Override
        public void doubted(MessageId id, int recipient) {
            throw new IllegalStateException("there is no mail in this world");
        }

        @Override
        public void claimed(MessageId id, Ballot ballot) {
            throw new IllegalStateException("there is no mail in this world");
        }
    }

    final LimitWorld world;
    final int index;
    final String name;
    private final Membership members;
    private final Map<String, Register> disk = new TreeMap<>();
    private long diskSince;
    private final Map<String, Kept.Fill> written = new HashMap<>();
    private final Map<String, Kept.Fill> heap = new HashMap<>();
    private boolean endedWell;
    int life;
    boolean up;
    long stoppedUntil;
    long wallOffset;
    long jumpedAt;
    private long stoodStill;
    private long suspendedAt;
    private long suspendedFor;
    private @Nullable SimLedger ledger;
    private @Nullable Station station;
    private @Nullable Quotas quotas;
    private Rights rights = Rights.NONE;

    LimitNode(LimitWorld world, int index, String name) {
        this.world = world;
        this.index = index;
        this.name = name;
        Membership all = world.setup.members();
        this.members = new Membership(name, all.mail(), all.witnesses());
        if (!world.setup.empty()) {
            disk.put(name, new Register(name, 1, 0));
            endedWell = true;
        }
    }

    @Override
    public long monotonic() {
        long stood = stoodStill;
        if (suspendedFor > 0) {
            stood += Math.min(world.now - suspendedAt, suspendedFor);
        }
        return world.now - stood + index * 1_000_000L;
    }

    @Override
    public long wall() {
        return 1_700_000_000_000L + world.now + wallOffset;
    }

    void suspend(long time) {
        stoodStill += suspendedFor;
        suspendedAt = world.now;
        suspendedFor = time;
    }

    /** When the last suspension ended or will end. */
    long suspendedTill() {
        return suspendedAt + suspendedFor;
    }

    // ---- life and death ----

    void boot() {
        up = true;
        stoppedUntil = 0;
        heap.clear();
        heap.putAll(written);
        ledger = new SimLedger();
        Station made = new Station(members, world.standing, this, ledger, this, new Silence(), Freight.NONE);
        station = made;
        Quotas own = new Quotas(
                name,
                members.mail(),
                () -> rights,
                this,
                () -> monotonic() * 1_000_000,
                world.random.nextLong() | 1,
                remembered(endedWell),
                world.setup.rules());
        quotas = own;
        endedWell = false;
        made.beside((from, octets, answer) -> world.at(0, this, () -> hear(own, from, octets, answer)));
        rights = Rights.NONE;
        tick();
        world.at(world.between(100, 500), this, this::care);
        world.at(world.between(100, 500), this, this::flush);
    }

    private static BooleanSupplier remembered(boolean all) {
        return () -> all;
    }

    private void tick() {
        Station now = station;
        if (now != null) {
            now.tick();
            Rights exact = now.standing().rights();
            rights = new Rights(
                    exact.life(),
                    exact.first(),
                    exact.lease(),
                    exact.settled() == Long.MAX_VALUE ? exact.settled() : exact.settled() - world.setup.settle(),
                    exact.absent(),
                    exact.needless());
        }
        world.at(world.between(900, 1_000), this, this::tick);
    }

    private void flush() {
        if (world.setup.rules().forgetful()) {
            written.putAll(heap);
        }
        world.at(world.between(400, 600), this, this::flush);
    }

    void endWell() {
        written.putAll(heap);
        endedWell = true;
    }

    void crash() {
        if (ledger != null) {
            ledger.crash();
        }
        up = false;
        life++;
    }

    void loseDisk() {
        world.note(name + " loses its disk");
        disk.clear();
        diskSince = 0;
        written.clear();
        endedWell = false;
    }

    // ---- limits ----

    private Kept kept(String limit) {
        return new Kept() {
            @Override
            public @Nullable Fill read() {
                return heap.get(limit);
            }

            @Override
            public void write(Fill fill, long rest) {
                heap.put(limit, fill);
            }
        };
    }

    /** Somebody asks for a limit: at once, and once more when others were asked. */
    void take(LimitWorld.Watched limit, long amount) {
        Quotas own = quotas;
        if (!up || stoppedUntil > world.now || own == null) {
            limit.denied += amount;
            return;
        }
        if (own.take(limit.name, limit.rate, amount, kept(limit.name)).granted()) {
            limit.granted(amount);
            return;
        }
        Optional<Quotas.Asking> asking = own.shortOf(limit.name, limit.rate, amount, 200);
        if (asking.isEmpty()) {
            limit.denied += amount;
            return;
        }
        members.otherMail().forEach(m -> ask(own, m, asking.get()));
        world.at(world.between(5, 300), this, () -> {
            if (own.take(limit.name, limit.rate, amount, kept(limit.name)).granted()) {
                limit.granted(amount);
            } else {
                limit.denied += amount;
            }
        });
    }

    private void ask(Quotas own, String member, Quotas.Asking asking) {
        Term term = Term.now(this, world.setup.rules().loan());
        say(member, own.ask(member, asking).octets(), octets -> {
            LimitMessage message = octets == null ? null : read(octets);
            if (message instanceof LimitMessage.Back back) {
                own.back(member, back, kept(back.limit()));
            } else if (message instanceof LimitMessage.Lent lent) {
                own.lent(member, asking.rate(), lent, term, kept(lent.limit()))
                        .ifPresent(back -> say(member, back.octets(), nothing -> {}));
            }
        });
    }

    private void say(String member, byte[] octets, Consumer<byte @Nullable []> answer) {
        Station now = station;
        if (now != null) {
            now.say(member, octets, answer);
        }
    }

    private static LimitMessage read(byte[] octets) {
        try {
            return LimitMessage.read(octets);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void hear(Quotas own, String from, byte[] octets, Consumer<byte[]> answer) {
        switch (read(octets)) {
            case LimitMessage.Ask ask ->
                answer.accept(own.lend(from, ask, kept(ask.limit())).octets());
            case LimitMessage.Back back -> own.back(from, back, kept(back.limit()));
            case LimitMessage.Lent lent -> throw new IllegalStateException("nobody asked");
        }
    }

    private void care() {
        Quotas own = quotas;
        if (own != null) {
            own.open().keySet().forEach(limit -> {
                Quotas.Care care = own.care(limit, kept(limit));
                Quotas.Asking asking = care.asking();
                if (asking != null) {
                    care.on().forEach(m -> ask(own, m, asking));
                }
                care.off().forEach(off -> say(off.lender(), off.back().octets(), nothing -> {}));
            });
        }
        world.at(world.between(400, 600), this, this::care);
    }

    /** Whether it does now what is to be done once per cluster. */
    boolean leads() {
        int place = members.mail().indexOf(name);
        return place >= 0 && rights.deputy(members.mail().subList(0, place), this) >= 0;
    }

    // ---- net ----

    @Override
    public void send(Frame frame, Consumer<Response> answer) {
        LimitNode to = world.node(frame.to().node());
        boolean[] done = {false};
        world.at(world.standing.callTimeout(), this, () -> {
            if (!done[0]) {
                done[0] = true;
                answer.accept(new Response(new Incarnation(frame.to().node(), 0), 0, new Answer.Unknown()));
            }
        });
        int asking = life;
        for (int i = world.chance(0.01) ? 2 : 1; i > 0; i--) {
            if (world.passes(this, to)) {
                world.always(
                        world.delay(),
                        to,
                        () -> to.arrive(this, asking, frame, response -> {
                            if (!done[0]) {
                                done[0] = true;
                                answer.accept(response);
                            }
                        }));
            }
        }
    }

    private void arrive(LimitNode from, int asking, Frame frame, Consumer<Response> back) {
        Station now = station;
        if (!up || now == null) {
            return;
        }
        world.at(
                0,
                this,
                () -> now.receive(frame, response -> {
                    if (world.passes(this, from)) {
                        world.always(world.delay(), from, () -> {
                            if (from.life == asking && from.up) {
                                world.at(0, from, () -> back.accept(response));
                            }
                        });
                    }
                }));
    }
}
