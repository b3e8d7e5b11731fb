// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.Limiter;
import org.posthouse.cluster.errands.Errands;
import org.posthouse.cluster.limits.Lending;
import org.posthouse.cluster.limits.LimitRules;
import org.posthouse.cluster.limits.Quotas;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Mouth;
import org.posthouse.cluster.protocol.Rights;
import org.posthouse.cluster.protocol.Rules;
import org.posthouse.cluster.protocol.Standing;
import org.posthouse.cluster.protocol.Station;
import org.posthouse.cluster.sharing.Sharing;
import org.posthouse.spool.spi.Vault;
import org.posthouse.state.spi.Commons;
import org.posthouse.state.spi.Kept;
import org.posthouse.state.spi.LocalState;
import org.posthouse.telemetry.spi.Clerk;

/** Limits, state and jobs of plugins, and errands, from the station's side: who says what to whom beside the mail. */
final class CommonGround implements Commons {
    private static final byte LIMITS = 'L';
    private static final byte STATE = 'S';
    private static final byte ERRANDS = 'E';
    private static final int QUEUE = 64;
    private static final Limiter.Grant LATER = new Limiter.Grant(false, Duration.ofSeconds(1));

    /** What is there while a node's state is. */
    private record Open(LocalState local, Lending lending, Sharing sharing, List<ThreadPoolExecutor> threads) {
        void close() {
            lending.close();
            sharing.close();
            threads.forEach(ThreadPoolExecutor::shutdownNow);
        }
    }

    private final Membership members;
    private final Rules rules;
    private final Clocks clocks;
    private final StationThread thread;
    private final Station station;
    private final MeterRegistry meters;
    private final List<Meter> gauges;
    private final Errands errands;
    private volatile Rights rights = Rights.NONE;
    private volatile Set<String> reachable = Set.of();
    private volatile boolean takenOver;
    private volatile @Nullable Open open;

    CommonGround(
            Membership members,
            Rules rules,
            Clocks clocks,
            StationThread thread,
            Station station,
            Executor threads,
            Supplier<? extends @Nullable Clerk> clerk,
            MeterRegistry meters) {
        this.members = members;
        this.rules = rules;
        this.clocks = clocks;
        this.thread = thread;
        this.station = station;
        this.meters = meters;
        this.gauges = List.of(
                Gauge.builder("posthouse.cluster.settled", this, c -> c.rights.own(clocks) ? 1 : 0)
                        .description("Whether this node may use all of its part of limits, and lend it; 1 or 0")
                        .register(meters),
                Gauge.builder("posthouse.cluster.leads", this, c -> c.leads() ? 1 : 0)
                        .description("Whether jobs that run once per cluster run on this node; 1 or 0")
                        .register(meters));
        this.errands = new Errands(members, new View(), clocks, thread, threads, this::tell, clerk);
        station.beside(this::hear);
    }

    /** The others, as the errands see them. */
    private final class View implements Errands.Sight {
        @Override
        public long life(String member) {
            return station.standing().known(member);
        }

        @Override
        public boolean reachable(String member) {
            return station.standing().reachable(member);
        }
    }

    /** What this node asks others, and they ask it. */
    Errands errands() {
        return errands;
    }

    /** The other members that answered a moment ago. */
    Set<String> reachable() {
        return reachable;
    }

    /** Called about once a second, on the station's thread. */
    void tick() {
        Standing standing = station.standing();
        rights = standing.rights();
        Set<String> now = new HashSet<>();
        members.others().stream().filter(standing::reachable).forEach(now::add);
        reachable = now;
        // Of two nodes each of which goes on alone.
        takenOver = !rules.leaseBeforeDot() && before().stream().allMatch(standing::out);
        Open current = open;
        if (current != null) {
            current.sharing().look(now);
        }
    }

    /** Called some times a second. */
    void care() {
        Open current = open;
        if (current != null) {
            current.lending().care();
        }
    }

    private Mouth mouth(byte topic) {
        return (member, octets, answer) -> {
            byte[] whole = about(topic, octets);
            thread.execute(() -> station.say(member, whole, answer));
        };
    }

    private static byte[] about(byte topic, byte[] octets) {
        byte[] whole = new byte[octets.length + 1];
        whole[0] = topic;
        System.arraycopy(octets, 0, whole, 1, octets.length);
        return whole;
    }

    /** At once, since it comes from the station's thread: to the life of the member that was looked at. */
    private void tell(String member, byte[] octets, Consumer<byte @Nullable []> answer) {
        station.say(member, about(ERRANDS, octets), answer);
    }

    private void hear(String from, byte[] octets, Consumer<byte[]> answer) {
        if (octets.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(octets, 1, octets.length);
        if (octets[0] == ERRANDS) {
            errands.take(from, rest, answer);
            return;
        }
        Open current = open;
        if (current == null) {
            return;
        }
        Consumer<byte[]> back = said -> thread.execute(() -> answer.accept(said));
        switch (octets[0]) {
            case LIMITS -> current.lending().take(from, rest, back);
            case STATE -> current.sharing().take(from, rest, back);
            default -> {
                // Of a version that knows more: it hears no answer.
            }
        }
    }

    private static ThreadPoolExecutor one(String name) {
        ThreadPoolExecutor one = new ThreadPoolExecutor(
                1,
                1,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(QUEUE),
                task -> Thread.ofPlatform().daemon().name(name).unstarted(task));
        one.allowCoreThreadTimeOut(true);
        return one;
    }

    @Override
    public void open(LocalState local) {
        Quotas quotas = new Quotas(
                members.self(),
                members.mail(),
                () -> rights,
                clocks,
                local::now,
                new SecureRandom().nextLong() | 1,
                local::remembers,
                LimitRules.STANDARD);
        ThreadPoolExecutor hands = one("posthouse-cluster-merge");
        ThreadPoolExecutor eyes = one("posthouse-cluster-compare");
        open = new Open(
                local,
                new Lending(quotas, local, clocks, LimitRules.STANDARD, mouth(LIMITS), () -> reachable, meters),
                new Sharing(members.self(), members.otherMail(), local, clocks, mouth(STATE), hands, eyes, meters),
                List.of(hands, eyes));
    }

    @Override
    public void close(LocalState local) {
        Open current = open;
        if (current != null && current.local() == local) {
            open = null;
            current.close();
        }
    }

    /** Nothing is heard or said any more. */
    void close() {
        Open current = open;
        if (current != null) {
            close(current.local());
        }
        gauges.forEach(meters::remove);
    }

    private List<String> before() {
        int place = members.mail().indexOf(members.self());
        return place < 0 ? members.mail() : members.mail().subList(0, place);
    }

    @Override
    public boolean leads() {
        return members.storesMail() && (takenOver || rights.deputy(before(), clocks) >= 0);
    }

    @Override
    public String self() {
        return members.self();
    }

    @Override
    public List<String> others() {
        return members.otherMail();
    }

    @Override
    public Limiter.Grant take(String limit, boolean lendable, Limiter.Rate rate, long amount, Kept kept) {
        Open current = open;
        return current == null ? LATER : current.lending().take(limit, lendable, rate, amount, kept);
    }

    @Override
    public void written(List<Vault.Item> items) {
        Open current = open;
        if (current != null) {
            current.sharing().written(items);
        }
    }
}
