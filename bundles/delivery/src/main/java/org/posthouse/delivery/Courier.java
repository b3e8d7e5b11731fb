// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthouse.api.Content;
import org.posthouse.api.Route;
import org.posthouse.api.hook.DeliveryAgent;
import org.posthouse.delivery.client.DamagedContent;
import org.posthouse.delivery.client.Dialer;
import org.posthouse.delivery.route.HopFinder;
import org.posthouse.delivery.route.RouteBook;
import org.posthouse.pipeline.spi.AttemptStage;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.queue.spi.Carrier;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step 8 of 9: serves a lane with one connection at a time; each parcel becomes an errand, and what became of it goes to the
 * {@link Aftermath}.
 */
final class Courier implements Carrier, Errand.Office {
    private static final Logger LOG = LoggerFactory.getLogger(Courier.class);
    /** A lane is opened because something waits; it may take a moment to come. */
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);

    private static final Duration PAUSE_AFTER_FAULT = Duration.ofMinutes(1);

    private final Pipeline pipeline;
    private final Spool spool;
    private final Ledger ledger;
    private final Dialer dialer;
    private final HopFinder finder;
    private final RouteBook book;
    private final Aftermath aftermath;
    private final DeliveryMeters meters;
    private final Policy policy;
    private final Pace pace = new Pace();
    private volatile boolean closing;

    /**
     * What the operator decides.
     *
     * @param idle how long a connection of a busy site waits for the next parcel
     * @param unreachablePause how long a site that can not be reached is left alone at most
     */
    record Policy(int maxRecipients, int mostByMx, int mostBySmarthost, Duration idle, Duration unreachablePause) {}

    Courier(
            Pipeline pipeline,
            Spool spool,
            Ledger ledger,
            Dialer dialer,
            HopFinder finder,
            RouteBook book,
            Aftermath aftermath,
            DeliveryMeters meters,
            Policy policy) {
        this.pipeline = pipeline;
        this.spool = spool;
        this.ledger = ledger;
        this.dialer = dialer;
        this.finder = finder;
        this.book = book;
        this.aftermath = aftermath;
        this.meters = meters;
        this.policy = policy;
    }

    @Override
    public void carry(Lane lane) {
        try (Links links = links()) {
            Parcel parcel = lane.next(FIRST_WAIT);
            while (parcel != null) {
                pace.parcel(lane.site().key(), System.nanoTime());
                boolean healthy = serve(lane, parcel, links);
                parcel = healthy && !closing ? lane.next(idle(lane, links)) : null;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void conclude(Parcel parcel, List<Planner.Settled> outcomes) {
        Map<Integer, Fate> fates = new HashMap<>();
        outcomes.forEach(o -> fates.put(o.recipient(), new Fate.Done(o.outcome())));
        settle(parcel, fates, Duration.ZERO);
    }

    /** Lanes end after the parcel they carry. */
    void close() {
        closing = true;
    }

    private Duration idle(Lane lane, Links links) {
        return links.open() && pace.fast(lane.site().key()) ? policy.idle() : Duration.ZERO;
    }

    /** Carries one parcel and settles it, whatever happens; false when nothing more should be carried now. */
    private boolean serve(Lane lane, Parcel parcel, Links links) throws InterruptedException {
        long start = System.nanoTime();
        Errand errand = new Errand(this, parcel);
        try {
            errand.run(links);
        } catch (DamagedContent e) {
            return damaged(parcel, errand, e.damage());
        } catch (InterruptedException e) {
            cutShort(parcel, errand, Duration.ZERO, "interrupted");
            throw e;
        } catch (RuntimeException | LinkageError e) {
            LOG.error("Carrying {} failed", id(parcel), e);
            links.drop();
            return cutShort(parcel, errand, PAUSE_AFTER_FAULT, "internal error");
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        meters.attempt(took.toNanos());
        if (!settle(parcel, errand.fates(), took)) {
            return false;
        }
        if (!errand.unreachable().isEmpty()) {
            lane.unreachable(pause(parcel), errand.unreachable());
        }
        links.retire(parcel.route().byMx() ? policy.mostByMx() : policy.mostBySmarthost());
        return true;
    }

    private boolean settle(Parcel parcel, Map<Integer, Fate> fates, Duration took) {
        try {
            aftermath.settle(parcel, fates, took);
            return true;
        } catch (SpoolException e) {
            LOG.error("What became of {} could not be recorded", id(parcel), e);
            return false;
        } catch (RuntimeException e) {
            LOG.error("What became of {} could not be recorded", id(parcel), e);
            // Who has the message already would get it again: that stays in transit until the queue is read again.
            if (fates.values().stream().noneMatch(Courier::delivered)) {
                giveBack(parcel, PAUSE_AFTER_FAULT);
            }
            return true;
        }
    }

    private static boolean delivered(Fate fate) {
        return fate instanceof Fate.Done done && done.outcome().reply().positive();
    }

    /** An attempt that broke off: who has the message already must not get it again. */
    private boolean cutShort(Parcel parcel, Errand errand, Duration pause, String reason) {
        if (errand.fates().isEmpty()) {
            giveBack(parcel, pause);
            return true;
        }
        return settle(parcel, errand.cutShort(pause, reason), Duration.ZERO);
    }

    /** The pause ends before this parcel is due again, so that a short schedule is kept. */
    private Duration pause(Parcel parcel) {
        Instant now = Instant.now();
        int attempts = parcel.message().progress().stream()
                        .filter(p -> parcel.recipients().contains(p.recipient()))
                        .mapToInt(p -> p.attempts())
                        .min()
                        .orElse(0)
                + 1;
        Duration next = ledger.nextAttempt(parcel.message(), attempts, now)
                .map(due -> Duration.between(now, due))
                .orElse(policy.unreachablePause());
        return next.compareTo(policy.unreachablePause()) < 0 ? next : policy.unreachablePause();
    }

    private boolean damaged(Parcel parcel, Errand errand, IOException damage) {
        boolean sick = damage instanceof SpoolException trouble && trouble.kind() != SpoolException.Kind.DAMAGED;
        boolean settled = cutShort(parcel, errand, PAUSE_AFTER_FAULT, "the message can not be read");
        if (sick) {
            LOG.error("{} can not be read now", id(parcel), damage);
        } else {
            LOG.error("{} is damaged and set aside", id(parcel), damage);
            try {
                spool.setAside(id(parcel), "unreadable at delivery: " + damage.getMessage());
            } catch (SpoolException e) {
                LOG.error("{} could not be set aside", id(parcel), e);
            }
        }
        return settled && !sick;
    }

    private void giveBack(Parcel parcel, Duration pause) {
        try {
            ledger.giveBack(parcel, Instant.now().plus(pause));
        } catch (SpoolException | RuntimeException e) {
            LOG.error("{} could not be given back", id(parcel), e);
        }
    }

    private static MessageId id(Parcel parcel) {
        return parcel.message().envelope().id();
    }

    @Override
    public AttemptStage attempt(Parcel parcel, Route route, List<Integer> recipients) {
        return pipeline.attempt(parcel.message(), route, recipients);
    }

    @Override
    public boolean intend(Parcel parcel, List<Integer> recipients) {
        return ledger.intend(parcel, recipients);
    }

    @Override
    public boolean shared(Parcel parcel) {
        return ledger.shared(parcel);
    }

    @Override
    public Content content(Envelope envelope) {
        return spool.content(envelope);
    }

    @Override
    public HopFinder finder() {
        return finder;
    }

    @Override
    public Optional<DeliveryAgent> agent(String name) {
        return book.agent(name);
    }

    @Override
    public Links links() {
        return new Links(dialer, finder, meters);
    }

    @Override
    public int maxRecipients() {
        return policy.maxRecipients();
    }
}
