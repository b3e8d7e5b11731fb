// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.sharing;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Mouth;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;
import org.posthouse.state.spi.LocalState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the others what this node sets, in batches, and compares with a member that may have missed something: with each
 * after the start, with one that did not answer, and with one that was away. Of two that lost each other the one with the
 * lower name begins.
 */
public final class Sharing implements AutoCloseable {
    private static final int BATCH = 128 * 1024;
    private static final long WAITING = 4L * 1024 * 1024;
    private static final int PIECE = 2_048;
    /** How long an answer is waited for, and how soon one member is compared with again, in milliseconds. */
    private static final long ANSWER = 10_000;

    private static final long AGAIN = 10_000;
    private static final long ALWAYS = 600_000;
    private static final Logger LOG = LoggerFactory.getLogger(Sharing.class);

    private final String self;
    private final LocalState local;
    private final Clocks clocks;
    private final Mouth mouth;
    private final Executor hands;
    private final Executor eyes;
    private final MeterRegistry meters;
    private final List<Meter> all = new ArrayList<>();
    private final Counter told;
    private final Counter merged;
    private final Counter compared;
    private final Map<String, Letterbox> boxes = new LinkedHashMap<>();
    private final Map<String, Long> comparedAt = new HashMap<>();
    private final Set<String> reached = new HashSet<>();
    private volatile boolean closed;

    /**
     * Nothing is known of the others yet.
     *
     * @param hands merges what others tell, one after the other
     * @param eyes compares, one after the other
     */
    public Sharing(
            String self,
            List<String> others,
            LocalState local,
            Clocks clocks,
            Mouth mouth,
            Executor hands,
            Executor eyes,
            MeterRegistry meters) {
        this.self = self;
        this.local = local;
        this.clocks = clocks;
        this.mouth = mouth;
        this.hands = hands;
        this.eyes = eyes;
        this.meters = meters;
        others.forEach(member -> boxes.put(member, new Letterbox(WAITING)));
        told = counter("posthouse.cluster.state.told", "Values of shared state told to another member");
        merged = counter(
                "posthouse.cluster.state.merged", "Values of shared state that another member told and that were new");
        compared = counter("posthouse.cluster.state.compared", "Comparisons of shared state with another member");
        all.add(Gauge.builder("posthouse.cluster.state.behind", this, Sharing::behind)
                .description("Members that may have missed a change of shared state")
                .register(meters));
    }

    private Counter counter(String name, String description) {
        Counter counter = Counter.builder(name).description(description).register(meters);
        all.add(counter);
        return counter;
    }

    private long behind() {
        return boxes.values().stream().filter(Letterbox::behind).count();
    }

    /** This node has set these. */
    public void written(List<Vault.Item> items) {
        boxes.forEach((member, box) -> {
            box.add(items);
            tell(member, box);
        });
    }

    private void tell(String member, Letterbox box) {
        List<Vault.Item> batch = box.next(BATCH);
        if (batch.isEmpty()) {
            return;
        }
        told.increment(batch.size());
        mouth.say(member, new StateMessage.Tell(batch).octets(), answer -> {
            box.told(answer != null);
            if (answer != null) {
                tell(member, box);
            }
        });
    }

    /** Takes what another member says about state. */
    public void take(String from, byte[] octets, Consumer<byte[]> answer) {
        try {
            switch (StateMessage.read(octets)) {
                case StateMessage.Tell tell ->
                    on(hands, () -> {
                        merged.increment(local.merge(tell.items()));
                        answer.accept(new byte[0]);
                    });
                case StateMessage.Compare compare -> {
                    answer.accept(new byte[0]);
                    on(eyes, () -> compare(from, compare.digest()));
                }
                case StateMessage.Differ differ -> {
                    answer.accept(new byte[0]);
                    on(eyes, () -> push(from, differ.ranges()));
                }
            }
        } catch (IOException e) {
            LOG.warn("Cluster: what {} says about state can not be read: {}", from, e.getMessage());
        }
    }

    private interface Work {
        void run() throws SpoolException;
    }

    private static void on(Executor thread, Work work) {
        try {
            thread.execute(() -> {
                try {
                    work.run();
                } catch (SpoolException e) {
                    LOG.debug("Cluster: state is shared when the spool works again", e);
                } catch (RuntimeException e) {
                    LOG.error("Cluster: sharing of state failed and goes on", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("Cluster: too much is told at once, or this node stops");
        }
    }

    /** Looks who is there; called about once a second, on one thread. */
    public void look(Set<String> reachable) {
        long now = clocks.monotonic();
        boxes.forEach((member, box) -> {
            if (!reachable.contains(member)) {
                reached.remove(member);
                return;
            }
            boolean back = reached.add(member);
            Long last = comparedAt.get(member);
            boolean due = box.behind() || last == null || self.compareTo(member) < 0 && (back || now - last >= ALWAYS);
            if (due && (back || last == null || now - last >= AGAIN)) {
                comparedAt.put(member, now);
                box.comparing();
                on(eyes, () -> begin(member, box));
            }
        });
    }

    private void begin(String member, Letterbox box) throws SpoolException {
        compared.increment();
        try {
            if (!say(member, new StateMessage.Compare(digest()))) {
                box.lost();
            }
        } catch (SpoolException e) {
            box.lost();
            throw e;
        }
    }

    private interface Found {
        void item(Vault.Item item) throws SpoolException;
    }

    private void walk(Found found) throws SpoolException {
        byte[] mark = new byte[0];
        do {
            Vault.Page page = local.shared(mark, PIECE);
            for (Vault.Item item : page.items()) {
                found.item(item);
            }
            mark = page.next();
        } while (mark.length > 0 && !closed);
    }

    private Digest digest() throws SpoolException {
        Digest digest = new Digest();
        walk(item -> digest.add(item, local.stamp(item)));
        return digest;
    }

    private void compare(String member, Digest theirs) throws SpoolException {
        BitSet differ = digest().differences(theirs);
        if (differ.isEmpty()) {
            return;
        }
        LOG.info(
                "Cluster: state is compared with {}; it differs in {} of {} ranges",
                member,
                differ.cardinality(),
                Digest.RANGES);
        if (say(member, new StateMessage.Differ(differ))) {
            push(member, differ);
        } else {
            lost(member);
        }
    }

    private void push(String member, BitSet ranges) throws SpoolException {
        Batch batch = new Batch(member);
        walk(item -> {
            if (ranges.get(Digest.range(item))) {
                batch.add(item);
            }
        });
        batch.send();
    }

    /** Collects what is pushed, one batch on its way at a time. */
    private final class Batch {
        private final String member;
        private final List<Vault.Item> items = new ArrayList<>();
        private int size;
        private boolean failed;

        Batch(String member) {
            this.member = member;
        }

        void add(Vault.Item item) {
            if (size + StateMessage.size(item) > BATCH) {
                send();
            }
            items.add(item);
            size += StateMessage.size(item);
        }

        void send() {
            if (!failed && !items.isEmpty()) {
                told.increment(items.size());
                failed = !say(member, new StateMessage.Tell(items));
                if (failed) {
                    lost(member);
                }
            }
            items.clear();
            size = 0;
        }
    }

    private void lost(String member) {
        Letterbox box = boxes.get(member);
        if (box != null) {
            box.lost();
        }
    }

    /** Says it and waits until it is answered; whether it was. */
    private boolean say(String member, StateMessage message) {
        CountDownLatch done = new CountDownLatch(1);
        AtomicBoolean well = new AtomicBoolean();
        mouth.say(member, message.octets(), answer -> {
            well.set(answer != null);
            done.countDown();
        });
        try {
            return done.await(ANSWER, TimeUnit.MILLISECONDS) && well.get();
        } catch (InterruptedException e) {
            // The end.
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        all.forEach(meters::remove);
    }
}
