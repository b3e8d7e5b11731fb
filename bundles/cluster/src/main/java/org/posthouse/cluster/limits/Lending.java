// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.limits;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.Limiter;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Mouth;
import org.posthouse.cluster.protocol.Term;
import org.posthouse.state.spi.Kept;
import org.posthouse.state.spi.LocalState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes from limits, and has the other members asked when there is too little here. What others ask is answered on a thread
 * of its own, since it may read from the disk.
 */
public final class Lending implements AutoCloseable {
    /** How long somebody who takes waits for the others, and how often one limit is asked for, in milliseconds. */
    private static final long WAIT = 300;

    private static final long PAUSE = 200;
    private static final int QUEUE = 10_000;
    private static final Logger LOG = LoggerFactory.getLogger(Lending.class);

    private final Quotas quotas;
    private final LocalState local;
    private final Clocks clocks;
    private final LimitRules rules;
    private final Mouth mouth;
    private final Supplier<Set<String>> reachable;
    private final ConcurrentHashMap<String, CountDownLatch> asked = new ConcurrentHashMap<>();
    private final ExecutorService desk;
    private final MeterRegistry meters;
    private final List<Meter> all;
    private final Counter questions;
    private final Counter helped;

    /**
     * Nothing is lent yet.
     *
     * @param reachable the members that answered a moment ago
     */
    public Lending(
            Quotas quotas,
            LocalState local,
            Clocks clocks,
            LimitRules rules,
            Mouth mouth,
            Supplier<Set<String>> reachable,
            MeterRegistry meters) {
        this.quotas = quotas;
        this.local = local;
        this.clocks = clocks;
        this.rules = rules;
        this.mouth = mouth;
        this.reachable = reachable;
        this.meters = meters;
        ThreadPoolExecutor one = new ThreadPoolExecutor(
                1,
                1,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(QUEUE),
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("posthouse-cluster-limits")
                        .unstarted(task));
        one.allowCoreThreadTimeOut(true);
        this.desk = one;
        this.questions = Counter.builder("posthouse.cluster.limits.asked")
                .description("Times that others were asked for their part of a limit")
                .register(meters);
        this.helped = Counter.builder("posthouse.cluster.limits.helped")
                .description("Times that something was granted because others lent their part of a limit")
                .register(meters);
        this.all = List.of(
                questions,
                helped,
                Gauge.builder(
                                "posthouse.cluster.limits.open",
                                quotas,
                                q -> q.open().size())
                        .description("Limits of which something is lent or was a moment ago")
                        .register(meters));
    }

    /** Takes from a limit; waits for others for a moment when there is too little here. */
    public Limiter.Grant take(String limit, boolean lendable, Limiter.Rate rate, long amount, Kept kept) {
        Limiter.Grant grant = quotas.take(limit, rate, amount, kept);
        if (grant.granted() || !lendable || amount > rate.burst()) {
            return grant;
        }
        CountDownLatch answers = ask(limit, rate, amount, kept);
        if (answers == null || !await(answers)) {
            return grant;
        }
        // Whoever comes later does not wait for somebody who is too slow already.
        asked.remove(limit, answers);
        Limiter.Grant second = quotas.take(limit, rate, amount, kept);
        if (second.granted()) {
            helped.increment();
        }
        return second;
    }

    private static boolean await(CountDownLatch answers) {
        try {
            // Also when not all have answered: some may have.
            boolean whole = answers.await(WAIT, TimeUnit.MILLISECONDS);
            LOG.trace("all answered: {}", whole);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Asks all others, or waits with who has just asked them; null when there is nobody to wait for. */
    private @Nullable CountDownLatch ask(String limit, Limiter.Rate rate, long amount, Kept kept) {
        CountDownLatch waiting = asked.get(limit);
        if (waiting != null) {
            return waiting;
        }
        Set<String> others = reachable.get();
        if (others.isEmpty()) {
            return null;
        }
        Optional<Quotas.Asking> asking = quotas.shortOf(limit, rate, amount, PAUSE);
        if (asking.isEmpty()) {
            return null;
        }
        CountDownLatch answers = new CountDownLatch(others.size());
        asked.put(limit, answers);
        questions.increment();
        for (String member : others) {
            ask(member, asking.get(), kept, () -> {
                answers.countDown();
                if (answers.getCount() == 0) {
                    asked.remove(limit, answers);
                }
            });
        }
        return answers;
    }

    private void ask(String member, Quotas.Asking asking, Kept kept, Runnable answered) {
        // From before it is sent: so a loan never lasts longer here than there.
        Term term = Term.now(clocks, rules.loan());
        mouth.say(
                member,
                quotas.ask(member, asking).octets(),
                octets -> later(() -> {
                    try {
                        switch (octets == null ? null : LimitMessage.read(octets)) {
                            case LimitMessage.Lent lent ->
                                quotas.lent(member, asking.rate(), lent, term, kept)
                                        .ifPresent(back -> mouth.say(member, back.octets(), nothing -> {}));
                            case LimitMessage.Back back -> quotas.back(member, back, kept);
                            case LimitMessage.Ask ask -> throw new IOException("a question is no answer");
                            case null -> LOG.trace("Cluster: {} did not answer about {}", member, asking.limit());
                        }
                    } catch (IOException e) {
                        LOG.warn("Cluster: what {} lends can not be read: {}", member, e.getMessage());
                    } finally {
                        answered.run();
                    }
                }));
    }

    private void later(Runnable task) {
        try {
            desk.execute(() -> {
                try {
                    task.run();
                } catch (UncheckedIOException e) {
                    LOG.debug("Cluster: a limit can not be read now", e);
                } catch (RuntimeException e) {
                    LOG.error("Cluster: lending failed and goes on", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("Cluster: too much is asked about limits at once, or this node stops");
        }
    }

    /** Takes what another member says about a limit. */
    public void take(String from, byte[] octets, Consumer<byte[]> answer) {
        later(() -> {
            try {
                switch (LimitMessage.read(octets)) {
                    case LimitMessage.Ask ask ->
                        answer.accept(local.limit(ask.limit(), ask.rate())
                                .<LimitMessage>map(kept -> quotas.lend(from, ask, kept))
                                .orElseGet(() -> new LimitMessage.Lent(ask.limit(), 0, 0, 0, 0))
                                .octets());
                    case LimitMessage.Back back -> {
                        local.limit(back.limit(), back.rate()).ifPresent(kept -> quotas.back(from, back, kept));
                        answer.accept(new byte[0]);
                    }
                    case LimitMessage.Lent lent -> throw new IOException("nobody asked");
                }
            } catch (IOException e) {
                LOG.warn("Cluster: what {} says about limits can not be read: {}", from, e.getMessage());
            }
        });
    }

    /** Lets loans go on, or gives them back; called some times a second. */
    public void care() {
        quotas.open()
                .forEach((limit, rate) -> later(() -> local.limit(limit, rate)
                        .ifPresentOrElse(kept -> care(limit, kept), () -> quotas.forget(limit))));
    }

    private void care(String limit, Kept kept) {
        Quotas.Care care = quotas.care(limit, kept);
        Set<String> others = reachable.get();
        Quotas.Asking asking = care.asking();
        if (asking != null) {
            care.on().stream().filter(others::contains).forEach(member -> ask(member, asking, kept, () -> {}));
        }
        care.off().forEach(off -> mouth.say(off.lender(), off.back().octets(), nothing -> {}));
    }

    @Override
    public void close() {
        desk.shutdownNow();
        all.forEach(meters::remove);
    }
}
