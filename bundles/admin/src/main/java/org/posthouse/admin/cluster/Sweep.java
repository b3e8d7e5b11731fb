// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.posthouse.admin.spi.Rollouts;
import org.posthouse.admin.spi.Rollouts.Verb;

/** One verb at all nodes, one after the other; where one refuses, those before it are turned back as far as can be. */
final class Sweep {
    private static final Duration TO_SERVE = Duration.ofMinutes(2);
    private static final String DISABLED = "disabled";

    private final Fleet fleet;
    private final Verb verb;
    private final Map<String, Answer> before;
    private final Logbook book;
    private final List<String> done = new ArrayList<>();

    /**
     * Begins nothing.
     *
     * @param before the plugin as each node has it
     */
    Sweep(Fleet fleet, Verb verb, Map<String, Answer> before, Logbook book) {
        this.fleet = fleet;
        this.verb = verb;
        this.before = before;
        this.book = book;
    }

    void run() {
        boolean whole = true;
        for (Map.Entry<String, Answer> node : before.entrySet()) {
            if (node.getValue().absent()) {
                book.note(node.getKey(), "unchanged", "it has no such plugin");
                continue;
            }
            Answer answer = fleet.ask(node.getKey(), call(verb));
            if (answer.silent()) {
                book.note(node.getKey(), Logbook.SILENT, answer.why());
                whole = false;
            } else if (answer.good()) {
                done.add(node.getKey());
                book.note(node.getKey(), word(verb), version(verb, answer));
            } else {
                book.note(node.getKey(), "refused", answer.why());
                turnBack(node.getKey(), whole);
                return;
            }
        }
        book.end(
                whole ? Rollouts.DONE : Rollouts.PARTIAL,
                whole ? "" : "the nodes that are silent may have done it or not; the others were not turned back");
    }

    private Call call(Verb what) {
        String path = "/plugins/" + book.plugin();
        return (switch (what) {
                    case REMOVE -> Call.of("DELETE", path);
                    case DISABLE -> Call.of("POST", path + "/disable");
                    case ENABLE -> Call.of("POST", path + "/enable");
                    case ROLLBACK -> Call.of("POST", path + "/rollback");
                })
                .within(TO_SERVE);
    }

    private static String word(Verb what) {
        return switch (what) {
            case REMOVE -> "removed";
            case DISABLE -> DISABLED;
            case ENABLE -> "enabled";
            case ROLLBACK -> "rolled back";
        };
    }

    private static String version(Verb what, Answer answer) {
        return what == Verb.ROLLBACK ? "to version " + answer.text("version") : "";
    }

    private void turnBack(String refusing, boolean heard) {
        if (verb == Verb.REMOVE) {
            book.end(
                    done.isEmpty() && heard ? Rollouts.UNDONE : Rollouts.PARTIAL,
                    refusing + " refuses; a removal can not be turned back: install the plugin where it is gone");
            return;
        }
        boolean whole = heard;
        for (String node : done.reversed()) {
            whole &= turnBackAt(node);
        }
        book.end(
                whole ? Rollouts.UNDONE : Rollouts.PARTIAL,
                refusing + " refuses" + (whole ? "; the nodes before it were turned back" : "; see the nodes"));
    }

    private boolean turnBackAt(String node) {
        Answer then = before.get(node);
        boolean wasDisabled = then != null && then.text("state").equals(DISABLED);
        Verb inverse = verb == Verb.DISABLE ? Verb.ENABLE : verb == Verb.ENABLE ? Verb.DISABLE : Verb.ROLLBACK;
        if (inverse != Verb.ROLLBACK && wasDisabled == (verb == Verb.DISABLE)) {
            return true;
        }
        Answer answer = fleet.ask(node, call(inverse));
        book.note(
                node,
                answer.good() ? word(inverse) : "not turned back",
                answer.good() ? version(inverse, answer) : answer.why());
        return answer.good();
    }
}
