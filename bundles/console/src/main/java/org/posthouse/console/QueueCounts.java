// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.State;

/** The counts by state, as tiles that filter the list, and as JSON that keeps them fresh. */
final class QueueCounts {
    private QueueCounts() {}

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
        Map<State, Long> states = counts.states();
        return Arrays.stream(State.values())
                .map(state -> member(state.name(), Words.count(states.getOrDefault(state, 0L))))
                .collect(Collectors.joining(
                        ",",
                        "{" + member("messages", Words.count(counts.messages())) + ","
                                + member("size", Words.size(counts.octets())) + ",",
                        "}"));
    }

    private static String member(String name, String value) {
        return "\"" + name + "\":\"" + value + "\"";
    }
}
