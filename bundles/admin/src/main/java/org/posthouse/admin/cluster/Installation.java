// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.posthouse.admin.spi.Rollouts;

/** A jar on its way to all nodes: one takes it and is watched, then the others one after the other; all of them or none. */
final class Installation {
    private static final Duration TO_SERVE = Duration.ofMinutes(2);
    private static final String ROLLED_BACK = "rolled back";
    private static final String SERVES = "serves";
    private static final String WATCHED = "watched";

    /** For so many looks in a row the node that is watched may be silent. */
    private static final int SILENT_LOOKS = 120;

    private final Fleet fleet;
    private final byte[] jar;
    private final String hash;
    private final Map<String, String> before;
    private final List<String> order;
    private final Logbook book;
    private final Pause pause;
    private final List<String> taken = new ArrayList<>();

    /**
     * Begins nothing.
     *
     * @param hash the SHA-256 of the jar
     * @param before by node the SHA-256 of the jar that it has now, or empty
     * @param order the nodes, that which is watched first
     */
    Installation(
            Fleet fleet,
            byte[] jar,
            String hash,
            Map<String, String> before,
            List<String> order,
            Logbook book,
            Pause pause) {
        this.fleet = fleet;
        this.jar = jar;
        this.hash = hash;
        this.before = before;
        this.order = order;
        this.book = book;
        this.pause = pause;
    }

    /** Waits between two looks. */
    @FunctionalInterface
    interface Pause {
        void take() throws InterruptedException;
    }

    /** What a look at a node finds. */
    private enum Look {
        WATCHED,
        GOOD,
        GONE,
        SILENT
    }

    void run() {
        try {
            String first = order.getFirst();
            if (!install(first) || !watch(first)) {
                undo("at " + first + ", the first node");
                return;
            }
            for (String node : order.subList(1, order.size())) {
                if (!install(node)) {
                    undo("at " + node);
                    return;
                }
            }
            for (String node : taken) {
                if (look(node) == Look.GONE) {
                    gone(node);
                    undo("at " + node);
                    return;
                }
            }
            book.end(Rollouts.DONE, "all nodes serve it; each but the first goes on watching it by itself");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            book.end(Rollouts.PARTIAL, "node " + fleet.self() + ", which led it, stops");
        } catch (RuntimeException e) {
            book.end(Rollouts.PARTIAL, "it failed: " + e);
            throw e;
        }
    }

    private boolean install(String node) {
        Answer answer = fleet.ask(node, Call.file("/plugins", jar).within(TO_SERVE));
        if (answer.good()) {
            taken.add(node);
            boolean active = answer.text("state").equals("active");
            book.note(
                    node,
                    active ? SERVES : "installed",
                    active ? "" : answer.text("state") + ": " + answer.text("detail"));
            return true;
        }
        if (answer.silent()) {
            taken.add(node);
            book.note(node, Logbook.SILENT, answer.why());
        } else {
            book.note(node, "refused", answer.why());
        }
        return false;
    }

    /** Whether the watch at the first node ends well. */
    private boolean watch(String node) throws InterruptedException {
        int silent = 0;
        boolean told = false;
        while (true) {
            switch (look(node)) {
                case GOOD -> {
                    if (told) {
                        book.note(node, SERVES, "its watch ended well");
                    }
                    return true;
                }
                case GONE -> {
                    gone(node);
                    return false;
                }
                case SILENT -> {
                    silent++;
                    if (silent > SILENT_LOOKS) {
                        book.note(node, Logbook.SILENT, "it does not answer while it is watched");
                        return false;
                    }
                }
                case WATCHED -> {
                    silent = 0;
                    if (!told) {
                        told = true;
                        book.note(node, WATCHED, "the other nodes wait until its watch ends");
                    }
                }
            }
            pause.take();
        }
    }

    private Look look(String node) {
        Answer answer = plugin(node);
        if (answer.silent()) {
            return Look.SILENT;
        }
        if (!answer.text("hash").equals(hash)) {
            return Look.GONE;
        }
        JsonNode newest = answer.json().path("generations").path(0);
        String role = newest.path("role").asText("");
        // A share of the sessions is raised by the operator, and the watch ends after that.
        return role.equals(WATCHED) || role.equals("canary") ? Look.WATCHED : Look.GOOD;
    }

    private Answer plugin(String node) {
        return fleet.ask(node, Call.get("/plugins/" + book.plugin()));
    }

    private void gone(String node) {
        Answer answer = plugin(node);
        String why = answer.text("withdrawn");
        book.note(
                node,
                answer.absent() ? "removed" : ROLLED_BACK,
                why.isEmpty() ? "by somebody else, to version " + answer.text("version") : why);
    }

    /** Those that had taken it give it up again, the last one first. */
    private void undo(String where) {
        boolean whole = true;
        for (String node : taken.reversed()) {
            whole &= undoAt(node);
        }
        book.end(
                whole ? Rollouts.UNDONE : Rollouts.PARTIAL,
                "it stopped " + where + (whole ? "; no node has it" : "; see the nodes that are not rolled back"));
    }

    private boolean undoAt(String node) {
        Answer now = plugin(node);
        if (now.silent()) {
            book.note(
                    node, Logbook.SILENT, now.why() + ": it may have the new version, and has to be rolled back there");
            return false;
        }
        if (!now.text("hash").equals(hash)) {
            return true;
        }
        String had = Objects.requireNonNull(before.get(node), node);
        if (had.equals(hash)) {
            book.note(node, "unchanged", "it had this jar before");
            return true;
        }
        String path = "/plugins/" + book.plugin();
        Answer answer = fleet.ask(
                node, (had.isEmpty() ? Call.of("DELETE", path) : Call.of("POST", path + "/rollback")).within(TO_SERVE));
        if (!answer.good()) {
            book.note(node, "not rolled back", answer.why());
            return false;
        }
        book.note(
                node,
                had.isEmpty() ? "removed" : ROLLED_BACK,
                had.isEmpty() ? "" : "to version " + answer.text("version"));
        return true;
    }
}
