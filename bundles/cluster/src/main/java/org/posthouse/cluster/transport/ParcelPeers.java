// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.posthouse.cluster.protocol.Answer;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Frame;
import org.posthouse.cluster.protocol.Incarnation;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Message;
import org.posthouse.cluster.protocol.Peers;
import org.posthouse.cluster.protocol.Response;
import org.posthouse.cluster.protocol.WireFormat;
import org.posthouse.cluster.transport.Refusal.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the other members by parcels: what waits for one member goes in one sealed parcel as soon as the one before
 * has been taken. Everything but {@link #arrive} runs on the one thread of the station.
 */
public final class ParcelPeers implements Peers {
    /** A parcel is filled up to here; a larger frame goes alone. */
    private static final int PARCEL = 512 * 1024;

    /** Such a part of the heap waits for all members together; what does not fit is dropped as if the net had lost it. */
    private static final int WAITING_PART = 16;

    /** Such a part has come from them and waits for the disk. */
    private static final int COME_PART = 8;

    /** So much may wait for the station's thread. */
    private static final long ARRIVED = HeapShare.of(16, 64L << 20);

    private static final long SELDOM = 30_000;
    private static final Logger LOG = LoggerFactory.getLogger(ParcelPeers.class);

    private final Membership members;
    private final Clocks clocks;
    private final long timeout;
    private final Executor station;
    private final Carriage carriage;
    private final Seal seal;
    private final Traffic traffic;
    private final Calls calls = new Calls();
    private final Map<String, Outbox> outboxes = new LinkedHashMap<>();
    private final Map<String, Label> latest = new HashMap<>();
    private final Map<Reason, Long> complained = new HashMap<>();
    private final AtomicLong arriving = new AtomicLong();
    private Supplier<Incarnation> self;
    private Receiver receiver;
    private Cargo cargo = (from, kind, octets) -> {};
    private final Map<String, Inbound> inbound = new HashMap<>();
    private boolean flushing;

    /**
     * @param timeout after how many milliseconds a call counts as unanswered
     * @param station runs what it is given one after the other, in order
     */
    public ParcelPeers(
            Membership members,
            Clocks clocks,
            long timeout,
            KeyRing keys,
            Executor station,
            Carriage carriage,
            Traffic traffic) {
        this.members = members;
        this.clocks = clocks;
        this.timeout = timeout;
        this.station = station;
        this.carriage = carriage;
        this.traffic = traffic;
        this.seal = new Seal(keys);
        this.self = () -> new Incarnation(members.self(), 0);
        this.receiver = (frame, answer) -> {};
        long waiting = share(WAITING_PART, 32L << 20);
        members.others().forEach(member -> outboxes.put(member, new Outbox(PARCEL, waiting)));
    }

    /** The part of one member in a part of the heap. */
    private long share(int part, long most) {
        return HeapShare.of(part * Math.max(1, members.others().size()), most);
    }

    /** Who takes the frames from now on, and in which life this node is. */
    public void serve(Supplier<Incarnation> life, Receiver frames) {
        this.self = life;
        this.receiver = frames;
    }

    /** Who takes what is beside the frames, on threads where he may wait; frames behind it wait for him. */
    public void carry(Executor threads, Cargo taker) {
        this.cargo = taker;
        long come = share(COME_PART, 64L << 20);
        members.others().forEach(member -> inbound.put(member, new Inbound(threads, come)));
    }

    /** Ships cargo in front of whatever is sent next. */
    public void ship(String member, Item.Kind kind, byte[] octets) {
        post(member, new Item(kind, 0, octets));
    }

    /** Ships a piece of a large body, which everything else overtakes. */
    public void shipBulk(String member, byte[] octets) {
        Outbox outbox = outboxes.get(member);
        if (outbox == null || !outbox.addBulk(new Item(Item.Kind.PIECE, 0, octets))) {
            traffic.dropped(1);
        } else {
            flushSoon();
        }
    }

    @Override
    public void send(Frame frame, Consumer<Response> answer) {
        String member = frame.to().node();
        long call = calls.add(new Calls.Call(member, clocks.monotonic(), answer));
        post(member, new Item(Item.Kind.CALL, call, WireFormat.write(frame)));
    }

    private void post(String member, Item item) {
        Outbox outbox = outboxes.get(member);
        if (outbox == null || !outbox.add(item)) {
            // A call is answered with unknown when its time is over, not now: who asks again at once would spin.
            traffic.dropped(1);
        } else {
            flushSoon();
        }
    }

    private void flushSoon() {
        if (!flushing) {
            flushing = true;
            // Behind what already waits for this thread, so that all it has to say goes together.
            station.execute(this::flush);
        }
    }

    private void flush() {
        flushing = false;
        outboxes.forEach(this::flush);
    }

    private void flush(String member, Outbox outbox) {
        long now = clocks.monotonic();
        if (!outbox.ready(now, timeout)) {
            return;
        }
        if (!carriage.connected().contains(member)) {
            traffic.dropped(outbox.clear());
            return;
        }
        List<Item> items = outbox.take(now);
        long number = outbox.number();
        Label label = new Label(self.get(), latest(member), number);
        byte[] parcel = seal.close(label, Packing.pack(items));
        traffic.sent(items.size(), parcel.length);
        carriage.carry(
                member,
                parcel,
                ending -> station.execute(() -> {
                    outbox.ended(number);
                    flush(member, outbox);
                }));
    }

    private Incarnation latest(String member) {
        Label label = latest.get(member);
        return label == null ? new Incarnation(member, 0) : label.from();
    }

    /** Gives up calls whose time is over, and parcels that nobody tells of; called every some hundred milliseconds. */
    public void tick() {
        List<Calls.Call> overdue = calls.overdue(clocks.monotonic(), timeout);
        traffic.unanswered(overdue.size());
        for (Calls.Call call : overdue) {
            call.answer().accept(new Response(new Incarnation(call.member(), 0), 0, new Answer.Unknown()));
        }
        flush();
    }

    /** Takes a parcel that was carried here; on any thread, and at once. */
    public void arrive(byte[] parcel) {
        if (arriving.addAndGet(parcel.length) > ARRIVED) {
            arriving.addAndGet(-parcel.length);
            // Only who sent it waits, not the parcel.
            String from = Seal.claimed(parcel);
            station.execute(
                    () -> refuse(from, new Refusal(Reason.FULL, "more than " + ARRIVED + " octets wait here already")));
            return;
        }
        station.execute(() -> {
            arriving.addAndGet(-parcel.length);
            try {
                open(parcel);
            } catch (Refusal e) {
                refuse(Seal.claimed(parcel), e);
            }
        });
    }

    private void open(byte[] parcel) throws Refusal {
        Seal.Opened opened = seal.open(parcel);
        Label label = opened.label();
        String from = label.from().node();
        if (!outboxes.containsKey(from) || !label.to().node().equals(members.self())) {
            throw new Refusal(
                    Reason.ADDRESS,
                    "it is for " + label.to().node() + ", this node is " + members.self() + " and knows "
                            + members.others() + ": compare cluster.members and cluster.self");
        }
        fresh(label);
        traffic.received(parcel.length);
        for (Item item : Packing.unpack(opened.content())) {
            take(from, item);
        }
    }

    /**
     * A parcel that somebody kept and sends again would let a node that is dead appear to be heard of. Without a life
     * (an empty disk) numbers may begin anew, but then nothing is said that could do harm.
     */
    private void fresh(Label label) throws Refusal {
        Label last = latest.get(label.from().node());
        if (label.from().number() == 0) {
            return;
        }
        if (last != null
                && (label.from().number() < last.from().number()
                        || label.from().number() == last.from().number() && label.number() <= last.number())) {
            throw new Refusal(Reason.LATE, "it was overtaken by a later one");
        }
        latest.put(label.from().node(), label);
    }

    private void take(String from, Item item) throws Refusal {
        try {
            switch (item.kind()) {
                case CALL -> call(from, item);
                case ANSWER -> answer(from, item);
                case PIECE, GOT, ENVELOPE -> cargo(from, item);
            }
        } catch (WireFormat.Refused e) {
            boolean damaged = item.octets().length > 0
                    && item.octets()[0] >= WireFormat.OLDEST
                    && item.octets()[0] <= WireFormat.VERSION;
            throw new Refusal(damaged ? Reason.DAMAGED : Reason.VERSION, String.valueOf(e.getMessage()));
        }
    }

    private void call(String from, Item item) throws WireFormat.Refused, Refusal {
        Frame frame = WireFormat.frame(item.octets());
        if (!frame.from().node().equals(from) || !frame.to().node().equals(members.self())) {
            throw new Refusal(Reason.ADDRESS, "it has a frame from " + frame.from() + " to " + frame.to());
        }
        Runnable receive = () -> receiver.receive(
                frame, response -> post(from, new Item(Item.Kind.ANSWER, item.call(), WireFormat.write(response))));
        Inbound before = inbound.get(from);
        if (before == null || before.idle() || urgent(frame)) {
            receive.run();
        } else {
            if (!before.addFor(station, item.size(), receive)) {
                traffic.dropped(1);
            }
        }
    }

    /** What keeps leases alive waits for no disk. */
    private static boolean urgent(Frame frame) {
        return frame.message() instanceof Message.Renew
                || frame.message() instanceof Message.Fence
                || frame.message() instanceof Message.Hello;
    }

    private void cargo(String from, Item item) {
        Inbound line = inbound.get(from);
        if (line == null || !line.add(item.size(), () -> cargo.take(from, item.kind(), item.octets()))) {
            traffic.dropped(1);
        }
    }

    private void answer(String from, Item item) throws WireFormat.Refused {
        Response response = WireFormat.response(item.octets());
        Optional<Calls.Call> call = calls.answered(item.call(), from);
        if (call.isPresent()) {
            traffic.answered(clocks.monotonic() - call.get().at());
            call.get().answer().accept(response);
        }
    }

    private void refuse(String from, Refusal refusal) {
        traffic.refused(refusal.reason());
        long now = clocks.monotonic();
        Long last = complained.get(refusal.reason());
        if (last == null || now - last >= SELDOM) {
            complained.put(refusal.reason(), now);
            LOG.warn(
                    "Cluster: a parcel of {} is refused: {}; more of this kind are only counted for {} s",
                    from,
                    refusal.getMessage(),
                    SELDOM / 1000);
        }
    }

    /** How many calls wait for an answer. */
    public int waiting() {
        return calls.size();
    }
}
