// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.State;

/** The counts by state, as tiles that filter the list, and as JSON that keeps them fresh. */
final class QueueCounts {
    private static final String MISSING = "missing";

    private QueueCounts() {}

    /** Says above the tiles who does not answer; kept fresh as they are. */
    static void missing(Set<String> nodes, Html page) {
        page.raw("<p class=\"bad\" data-count=\"" + MISSING + "\">")
                .text(missing(nodes))
                .raw("</p>");
    }

    private static String missing(Collection<String> nodes) {
        return nodes.isEmpty()
                ? ""
                : "Not answering: " + String.join(", ", nodes) + ". Messages that are there are missing here.";
    }

    static void render(QueueView.Counts counts, String root, @Nullable State chosen, boolean cluster, Html page) {
        Map<State, Long> states = counts.states();
        page.raw("<div class=\"tiles\">");
        tile(page, root, chosen == null, "messages", "messages", counts.messages());
        for (State state : State.values()) {
            long count = states.getOrDefault(state, 0L);
            if (!state.ended() || count > 0) {
                tile(page, root + "?state=" + state.name(), chosen == state, state.name(), Words.state(state), count);
            }
        }
        page.raw("</div>");
        page.raw("<p class=\"note\">States count recipients. Bodies take <span data-count=\"size\">")
                .text(Words.size(counts.octets()))
                .raw(cluster ? "</span>, copies included.</p>" : "</span>.</p>");
    }

    private static void tile(Html page, String link, boolean chosen, String key, String name, long count) {
        page.raw("<a class=\"tile s-" + key + (chosen ? " chosen" : "") + "\" href=\"" + Html.escape(link) + "\">")
                .raw("<b data-count=\"" + key + "\">")
                .text(Words.count(count))
                .raw("</b> ")
                .text(name)
                .raw("</a>");
    }

    /** Texts by the keys of the tiles. */
    static String json(QueueView.Counts counts) {
        ObjectNode texts = JsonNodeFactory.instance.objectNode();
        texts.put("messages", Words.count(counts.messages()));
        texts.put("size", Words.size(counts.octets()));
        texts.put(MISSING, missing(counts.missing()));
        Map<State, Long> states = counts.states();
        for (State state : State.values()) {
            texts.put(state.name(), Words.count(states.getOrDefault(state, 0L)));
        }
        return texts.toString();
    }
}
