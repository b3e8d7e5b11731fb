// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.State;

/** One node of the made-up world: disk, clocks, net and a courier around the protocol as it ships. */
final class SimNode implements Clocks, Peers, Journal {
    /** What a disk holds. */
    private static final class Disk {
        Map<MessageId, HeldMessage> mail = new TreeMap<>();
        Map<String, Register> registers = new TreeMap<>();
        long emptySince;

        Disk copy() {
            Disk d = new Disk();
            d.mail.putAll(mail);
            d.registers.putAll(registers);
            d.emptySince = emptySince;
            return d;
        }
    }

    private record Write(Consumer<Disk> what, Runnable synced) {}

    /** The disk as a process sees it: what it has written, and behind that what has come through. */
    private final class SimLedger implements Ledger {
        private final Disk seen = disk.copy();
        private final List<Write> waiting = new ArrayList<>();

        private void write(Consumer<Disk> what, Runnable synced) {
            what.accept(seen);
            waiting.add(new Write(what, synced));
            if (waiting.size() == 1) {
                world.at(
                        world.chance(0.02) ? world.between(100, 3_000) : world.between(0, 3),
                        SimNode.this,
                        "",
                        this::sync);
            }
        }

        private void sync() {
            List<Write> done = List.copyOf(waiting);
            waiting.clear();
            done.forEach(w -> w.what().accept(disk));
            done.forEach(w -> w.synced().run());
        }

        void crash() {
            int kept = world.random.nextInt(waiting.size() + 1);
            waiting.subList(0, kept).forEach(w -> w.what().accept(disk));
        }

        @Override
        public Optional<HeldMessage> find(MessageId id) {
            return Optional.ofNullable(seen.mail.get(id));
        }

        @Override
        public void put(List<HeldMessage> records, Runnable synced) {
            write(d -> records.forEach(r -> d.mail.put(r.id(), r)), synced);
        }

        @Override
        public void remove(MessageId id, Runnable synced) {
            write(d -> d.mail.remove(id), synced);
        }

        @Override
        public List<Register> registers() {
            return List.copyOf(seen.registers.values());
        }

        @Override
        public long emptySince() {
            return seen.emptySince;
        }

        @Override
        public void put(List<Register> registers, long since, Runnable synced) {
            write(
                    d -> {
                        registers.forEach(r -> d.registers.put(r.node(), r));
                        d.emptySince = since;
                    },
                    synced);
        }
    }

    final World world;
    final int index;
    final String name;
    private final Membership members;
    int life;
    boolean up;
    int diskNumber;
    long stoppedUntil;
    long wallOffset;
    private boolean resting;
    private long stoodStill;
    private long suspendedAt;
    private long suspendedFor;
    private Disk disk = new Disk();
    private @Nullable SimLedger ledger;
    private @Nullable Station station;

    SimNode(World world, int index, String name) {
        this.world = world;
        this.index = index;
        this.name = name;
        Membership all = world.setup.members();
        this.members = new Membership(name, all.mail(), all.witnesses());
        if (!world.setup.empty()) {
            disk.registers.put(name, new Register(name, 1, 0));
        }
    }

    // ---- clocks ----

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
        if (suspendedFor > 0) {
            stoodStill += suspendedFor;
        }
        suspendedAt = world.now;
        suspendedFor = time;
    }

    // ---- life ----

    void boot() {
        life++;
        up = true;
        stoppedUntil = 0;
        resting = false;
        SimLedger mine = new SimLedger();
        ledger = mine;
        Station s = new Station(members, world.setup.rules(), this, mine, this, this, Freight.NONE);
        station = s;
        world.note(name + " starts as " + s.standing().self());
        List.copyOf(mine.seen.mail.keySet()).forEach(s.custody()::resume);
        world.at(world.between(1, 999), this, "", this::tick);
    }

    /** Hands over what it owns, and delivers meanwhile or not. */
    void leave(boolean now, boolean quiet) {
        if (up && station != null) {
            world.note(name + (now ? " leaves" : " stays"));
            resting = now && quiet;
            station.custody().leave(now);
        }
    }

    void crash() {
        world.note(name + " dies");
        if (ledger != null) {
            ledger.crash();
        }
        up = false;
        life++;
    }

    void loseDisk() {
        world.note(name + " loses its disk");
        disk = new Disk();
        diskNumber++;
    }

    @Nullable
    HeldMessage record(MessageId id) {
        return up && ledger != null ? ledger.seen.mail.get(id) : disk.mail.get(id);
    }

    boolean believes(MessageId id) {
        return up && station != null && station.custody().believes(id);
    }

    boolean confirmed(HeldMessage m) {
        return up
                && station != null
                && m.ballot().owner().node().equals(name)
                && !m.claiming()
                && station.standing().current(m.since())
                && station.custody().confirmed(m);
    }

    boolean idle() {
        return ledger != null && ledger.seen.mail.values().stream().allMatch(HeldMessage::ended);
    }

    String stuck() {
        return ledger == null
                ? name
                : name + station.standing().self() + "leased="
                        + station.standing().leased() + " "
                        + ledger.seen.mail.values().stream()
                                .filter(m -> !m.ended())
                                .limit(4)
                                .toList();
    }

    private void tick() {
        station.tick();
        for (MessageId id : List.copyOf(ledger.seen.mail.keySet())) {
            station.work(id);
            deliver(id);
        }
        world.at(world.between(900, 1_000), this, "", this::tick);
    }

    // ---- net ----

    @Override
    public void send(Frame frame, Consumer<Response> answer) {
        SimNode to = world.node(frame.to().node());
        boolean[] done = {false};
        world.at(world.setup.rules().callTimeout(), this, "", () -> {
            if (!done[0]) {
                done[0] = true;
                answer.accept(new Response(new Incarnation(frame.to().node(), 0), 0, new Answer.Unknown()));
            }
        });
        int times = world.chance(0.01) ? 2 : 1;
        int asking = life;
        for (int i = 0; i < times; i++) {
            if (world.passes(this, to)) {
                world.always(
                        world.delay(),
                        to,
                        "",
                        () -> to.arrive(this, asking, frame, response -> {
                            if (!done[0]) {
                                done[0] = true;
                                answer.accept(response);
                            }
                        }));
            }
        }
    }

    private void arrive(SimNode from, int asking, Frame frame, Consumer<Response> back) {
        if (!up) {
            return;
        }
        world.at(
                0,
                this,
                frame.message() instanceof Message.Renew ? "" : "gets " + say(frame),
                () -> station.receive(frame, response -> {
                    if (world.passes(this, from)) {
                        world.always(world.delay(), from, "", () -> {
                            if (from.life == asking && from.up) {
                                world.at(
                                        0,
                                        from,
                                        frame.message() instanceof Message.Renew ? "" : "hears " + say(response),
                                        () -> back.accept(response));
                            }
                        });
                    }
                }));
    }

    private static String say(Frame f) {
        return f.from() + "#" + f.number() + " " + brief(f.message().toString());
    }

    private static String say(Response r) {
        return r.from() + " " + brief(r.answer().toString());
    }

    private static String brief(String text) {
        return text.replaceAll(", attempts=[^]]*]", "]").replace("Progress", "").replace("HeldMessage", "");
    }

    // ---- mail ----

    void submit() {
        MessageId id = world.id();
        int n = 1 + world.random.nextInt(3);
        List<Progress> recipients = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            recipients.add(Progress.initial(i, State.QUEUED, Instant.EPOCH));
        }
        if (!station.standing().living()) {
            return;
        }
        world.note(name + " takes " + id);
        world.oracle.submitted(id, n);
        station.custody().admit(id, recipients, receipt -> {
            world.note(name + " answers " + receipt + " for " + id);
            world.oracle.answered(id, receipt);
        });
    }

    void deleteSomething() {
        ledger.seen.mail.values().stream()
                .filter(m -> !m.ended() && !world.oracle.isNotice(m.id()))
                .findFirst()
                .ifPresent(m -> {
                    if (station.custody().delete(m.id())) {
                        world.note(name + " deletes " + m.id());
                        world.oracle.deleted(m.id());
                    }
                });
    }

    private void deliver(MessageId id) {
        HeldMessage m = ledger.seen.mail.get(id);
        if (m == null || m.ended() || resting || !station.custody().believes(id) || !world.chance(0.7)) {
            return;
        }
        // Parcels of one message go out side by side.
        List<Set<Integer>> parcels = List.of(new HashSet<>(), new HashSet<>());
        for (Progress p : m.recipients()) {
            if ((p.state() == State.QUEUED || p.state() == State.DEFERRED) && world.chance(0.8)) {
                parcels.get(world.chance(0.7) ? 0 : 1).add(p.recipient());
            }
        }
        for (Set<Integer> some : parcels) {
            if (!some.isEmpty() && station.custody().intend(id, some)) {
                await(id, some, world.now + 4_000);
            }
        }
    }

    private void await(MessageId id, Set<Integer> some, long until) {
        world.at(world.between(5, 60), this, "", () -> {
            if (station.custody().mayGo(id, some)) {
                long checked = world.now;
                world.at(world.between(0, 3), this, "final dot of " + id + some, () -> dot(id, some, checked));
            } else if (world.now < until) {
                await(id, some, until);
            } else {
                settle(id, some, State.DEFERRED, Set.of());
            }
        });
    }

    private void dot(MessageId id, Set<Integer> some, long checked) {
        State state = world.random.nextInt(10) < 8 ? State.DELIVERED : State.DEFERRED;
        Set<Integer> refused = new HashSet<>(some);
        refused.removeIf(r -> state == State.DEFERRED || !world.oracle.isUnknown(id, r));
        if (state == State.DELIVERED) {
            some.stream()
                    .filter(r -> !refused.contains(r))
                    .forEach(r -> world.oracle.delivered(id, r, this, world.now - checked > 3));
        }
        world.at(
                world.chance(0.1) ? world.between(50, 3_000) : world.between(1, 20),
                this,
                "reply " + state + " for " + id + some + ", refused " + refused,
                () -> settle(id, some, state, refused));
    }

    private void settle(MessageId id, Set<Integer> some, State state, Set<Integer> refused) {
        Map<Integer, State> outcomes = new LinkedHashMap<>();
        some.forEach(r -> outcomes.put(r, refused.contains(r) ? State.FAILED : state));
        List<HeldMessage> notices = new ArrayList<>();
        HeldMessage m = ledger.seen.mail.get(id);
        if (m != null) {
            for (int r : refused) {
                if (m.recipients().get(r).state().ended()) {
                    continue;
                }
                MessageId notice = world.id();
                List<Keeper> keepers = new ArrayList<>();
                m.keepers().stream()
                        .filter(k -> k.node().equals(name) || k.wanted())
                        .forEach(keepers::add);
                world.oracle.notice(notice, id, r);
                notices.add(station.custody()
                        .fresh(notice, keepers, List.of(Progress.initial(0, State.QUEUED, Instant.EPOCH))));
            }
        }
        station.custody().settle(id, outcomes, notices);
    }

    // ---- journal ----

    @Override
    public void doubted(MessageId id, int recipient) {
        world.note(name + " doubts " + id + "/" + recipient);
        world.oracle.doubted(id, recipient);
    }

    @Override
    public void claimed(MessageId id, Ballot ballot) {
        world.note(name + " owns " + id + " by " + ballot);
        world.oracle.takeovers++;
    }

    @Override
    public void handedOver(MessageId id, Ballot ballot) {
        world.note(name + " leaves " + id + " to " + ballot);
        world.oracle.handovers++;
    }
}
