// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.restart;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.posthouse.config.spi.LaunchProperties;
import org.posthouse.queue.spi.Drain;
import org.posthouse.telemetry.spi.ClusterReport;
import org.posthouse.telemetry.spi.HealthSource;
import org.posthouse.telemetry.spi.Members;

/** Restarts this server, and leads the restart of a whole cluster. */
@Component(service = Restarts.class)
public final class Restarts {
    /** Longer than a server may take for a drain. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private final Drain drain;
    private final OwnRestart own;
    private final Set<HealthSource> sources = new CopyOnWriteArraySet<>();
    private final long startedAt = ManagementFactory.getRuntimeMXBean().getStartTime();
    private @Nullable RollingRestart rolling;
    private @Nullable Thread leader;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable ClusterReport cluster;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable Members members;

    @Activate
    public Restarts(
            @Reference Drain drain,
            @Reference(target = "(" + LaunchProperties.WISH + "=" + LaunchProperties.RELAUNCH + ")")
                    Runnable launcher) {
        this.drain = drain;
        this.own = new OwnRestart(drain, launcher);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addSource(HealthSource source) {
        sources.add(source);
    }

    void removeSource(HealthSource source) {
        sources.remove(source);
    }

    /** The whole as others are told; the names of the components are the names in the JSON. */
    public record View(Sight node, @Nullable Rolling rolling) {}

    /** A restart of all members that this one leads, or led since it started. */
    public record Rolling(String began, String state, List<Step> steps) {}

    /** One member of it. */
    public record Step(String node, String state, String detail) {}

    /** Why something could not be begun, as a sentence. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String why) {
            super(why, null, false, false);
        }
    }

    /** How it is now. */
    public View view() {
        return new View(sight(), progress().orElse(null));
    }

    private synchronized Optional<Rolling> progress() {
        RollingRestart current = rolling;
        if (current == null) {
            return Optional.empty();
        }
        RollingRestart.Progress p = current.progress();
        return Optional.of(new Rolling(
                Instant.ofEpochSecond(p.began().getEpochSecond()).toString(),
                p.state().word(),
                p.steps().stream()
                        .map(s -> new Step(s.node(), s.state().word(), s.detail()))
                        .toList()));
    }

    private Sight sight() {
        ClusterReport there = cluster;
        ClusterReport.Report report = there == null ? null : there.report();
        String why = sources.stream()
                .map(s -> s.health().ready() ? "" : s.name() + ": " + s.health().detail())
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("; "));
        return new Sight(
                report == null ? "" : report.self(),
                startedAt,
                why.isEmpty(),
                why,
                report == null || report.leased(),
                report == null
                        ? 0
                        : report.members().stream()
                                .filter(ClusterReport.Member::self)
                                .mapToLong(ClusterReport.Member::life)
                                .sum(),
                report == null ? 0 : report.mail().shortOf(),
                phase());
    }

    private String phase() {
        return drain.progress().phase().name().toLowerCase(Locale.ROOT);
    }

    /**
     * Begins a restart, and returns at once.
     *
     * @param node which member; null for all of them, one after the other
     * @throws Refused when it is not begun
     */
    public void begin(@Nullable String node, Duration drainLimit, Duration backLimit, String who) throws Refused {
        if (drainLimit.isNegative() || drainLimit.compareTo(LONGEST) > 0 || backLimit.compareTo(LONGEST) > 0) {
            throw new Refused("A limit is between 0 s and " + LONGEST.toSeconds() + " s");
        }
        Members all = members;
        if (all == null) {
            if (node != null) {
                throw new Refused("This server is no member of a cluster, so there is no other one: " + node);
            }
            alone(drainLimit, who);
        } else if (node == null) {
            lead(all, new RollingRestart.Limits(drainLimit, backLimit), who);
        } else if (node.equals(all.self())) {
            alone(drainLimit, who);
        } else if (all.all().stream().noneMatch(m -> m.name().equals(node))) {
            throw new Refused("There is no member " + node);
        } else {
            try {
                new MemberFleet(all, this::sight).restart(node, drainLimit);
            } catch (Fleet.Unheard e) {
                throw new Refused(String.valueOf(e.getMessage()));
            }
        }
    }

    private void alone(Duration drainLimit, String who) throws Refused {
        if (!own.begin(drainLimit, who)) {
            throw new Refused("This server restarts already");
        }
    }

    private synchronized void lead(Members all, RollingRestart.Limits limits, String who) throws Refused {
        if (own.begun() || leader != null && leader.isAlive()) {
            throw new Refused("A restart goes on already");
        }
        RollingRestart next =
                new RollingRestart(new MemberFleet(all, this::sight), limits, () -> own.begin(limits.drain(), who));
        rolling = next;
        leader = Thread.ofVirtual().name("rolling-restart").start(next::run);
    }

    @Deactivate
    synchronized void stop() {
        Thread now = leader;
        if (now != null) {
            now.interrupt();
        }
    }
}
