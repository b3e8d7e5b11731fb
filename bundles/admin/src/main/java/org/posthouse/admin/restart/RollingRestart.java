// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.restart;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has all members of a cluster started anew, one after the other and this one last. It goes on to the next one only when the
 * one before is back and no message is short of copies; else it stops there.
 */
final class RollingRestart {
    private static final Logger LOG = LoggerFactory.getLogger(RollingRestart.class);
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Fleet fleet;
    private final Limits limits;
    private final BooleanSupplier own;
    private final Instant began = Instant.now();
    private final List<Step> steps = new ArrayList<>();
    private State state = State.RUNNING;

    /**
     * How long things may take.
     *
     * @param drain how long a member may take to drain, after which it restarts all the same
     * @param back how long it may take then until it is back
     */
    record Limits(Duration drain, Duration back) {}

    /** How it is with all or with one of them. */
    enum State {
        WAITING,
        RUNNING,
        DONE,
        FAILED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One member. */
    record Step(String node, State state, String detail) {}

    /** All of it; a snapshot. */
    record Progress(Instant began, State state, List<Step> steps) {}

    /**
     * @param own restarts this node; says whether that has begun
     */
    RollingRestart(Fleet fleet, Limits limits, BooleanSupplier own) {
        this.fleet = fleet;
        this.limits = limits;
        this.own = own;
        fleet.others().forEach(ship -> steps.add(new Step(ship.name(), State.WAITING, "")));
        steps.add(new Step(fleet.self().name(), State.WAITING, "The last one, for it leads"));
    }

    synchronized Progress progress() {
        return new Progress(began, state, List.copyOf(steps));
    }

    private synchronized void note(String node, State now, String detail) {
        steps.replaceAll(step -> step.node().equals(node) ? new Step(node, now, detail) : step);
        if (now == State.FAILED) {
            state = State.FAILED;
            LOG.error("The rolling restart stops at {}: {}", node, detail);
        } else {
            LOG.info("Rolling restart: {}: {}", node, detail);
        }
    }

    /** Does it all; returns when this node is about to stop, or it ended before. */
    void run() {
        List<Fleet.Ship> ships = new ArrayList<>(fleet.others());
        ships.add(fleet.self());
        try {
            for (Fleet.Ship ship : ships) {
                if (!isWell(ship)) {
                    return;
                }
            }
            for (Fleet.Ship ship : fleet.others()) {
                if (!restart(ship)) {
                    return;
                }
            }
            note(fleet.self().name(), State.RUNNING, "Drains, and starts anew");
            if (!own.getAsBoolean()) {
                note(fleet.self().name(), State.FAILED, "It restarts already");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            note(fleet.self().name(), State.FAILED, "It was stopped meanwhile");
        }
    }

    /** Before anything begins: a member that is away would leave others alone with their mail. */
    private boolean isWell(Fleet.Ship ship) {
        String trouble;
        try {
            trouble = trouble(ship, fleet.look(ship.name()), 0);
        } catch (Fleet.Unheard e) {
            trouble = e.getMessage();
        }
        if (trouble != null && !trouble.isEmpty()) {
            note(ship.name(), State.FAILED, "Nothing was restarted, since this one is not well: " + trouble);
            return false;
        }
        return true;
    }

    private boolean restart(Fleet.Ship ship) throws InterruptedException {
        long before;
        try {
            before = fleet.look(ship.name()).startedAt();
            note(ship.name(), State.RUNNING, "Drains, and starts anew");
            fleet.restart(ship.name(), limits.drain());
        } catch (Fleet.Unheard e) {
            note(ship.name(), State.FAILED, "It could not be asked to restart: " + e.getMessage());
            return false;
        }
        long asked = System.nanoTime();
        String trouble = "";
        do {
            Thread.sleep(LOOK);
            trouble = missing(ship, before);
            if (trouble.isEmpty()) {
                note(
                        ship.name(),
                        State.DONE,
                        "Back after "
                                + Duration.ofNanos(System.nanoTime() - asked).toMillis() + " ms");
                return true;
            }
        } while (System.nanoTime() - asked < limits.drain().plus(limits.back()).toNanos());
        note(ship.name(), State.FAILED, "It is not back: " + trouble);
        return false;
    }

    /** What is missing until the next one may go; empty when nothing is. */
    private String missing(Fleet.Ship ship, long before) {
        try {
            Sight sight = fleet.look(ship.name());
            String trouble = trouble(ship, sight, before);
            if (!trouble.isEmpty()) {
                return trouble;
            }
            List<Fleet.Ship> all = new ArrayList<>(fleet.others());
            all.add(fleet.self());
            for (Fleet.Ship each : all) {
                long missing = fleet.look(each.name()).underReplicated();
                if (missing > 0) {
                    return missing + " messages of " + each.name() + " are on too few nodes";
                }
            }
            return "";
        } catch (Fleet.Unheard e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String trouble(Fleet.Ship ship, Sight sight, long before) {
        if (sight.startedAt() <= before) {
            return sight.drain().equals("open") ? "It has not stopped" : "It is " + sight.drain();
        }
        if (!sight.leased()) {
            return "It has no lease";
        }
        return ship.mail() && !sight.ready() ? sight.why() : "";
    }
}
