// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the nodes say of their queues, as one queue. The text of an id sorts as the id does. */
final class QueueSum {
    private QueueSum() {}

    /** A page of all nodes; {@code missing} are those that did not answer. */
    record Page(List<JsonNode> items, @Nullable String next, List<String> missing) {}

    /** Messages, octets of bodies, copies included, and recipients by state of all nodes that answered. */
    record Counts(long messages, long octets, Map<String, Long> recipients, List<String> missing) {}

    /**
     * Merges pages in the order of ids. A node whose page has a next one has looked no further than its cursor, so what
     * others have behind it has to wait for the next page. A message that is taken over at the moment may be told by two.
     */
    static Page page(List<JsonNode> pages, int most, List<String> missing) {
        NavigableMap<String, JsonNode> items = new TreeMap<>();
        String seen = null;
        for (JsonNode page : pages) {
            page.path("items").forEach(item -> items.putIfAbsent(item.path("id").asText(), item));
            if (page.path("next").isTextual()) {
                String next = page.path("next").asText();
                seen = seen == null || next.compareTo(seen) < 0 ? next : seen;
            }
        }
        List<Map.Entry<String, JsonNode>> all =
                List.copyOf((seen == null ? items : items.headMap(seen, true)).entrySet());
        boolean cut = all.size() > most;
        List<Map.Entry<String, JsonNode>> first = cut ? all.subList(0, most) : all;
        return new Page(
                first.stream().map(Map.Entry::getValue).toList(),
                cut ? first.getLast().getKey() : seen,
                List.copyOf(missing));
    }

    static Counts counts(List<JsonNode> counts, List<String> missing) {
        Map<String, Long> recipients = new LinkedHashMap<>();
        for (JsonNode one : counts) {
            one.path("recipients")
                    .properties()
                    .forEach(state ->
                            recipients.merge(state.getKey(), state.getValue().asLong(), Long::sum));
        }
        return new Counts(sum(counts, "messages"), sum(counts, "octets"), recipients, List.copyOf(missing));
    }

    private static long sum(List<JsonNode> counts, String name) {
        return counts.stream().mapToLong(one -> one.path(name).asLong()).sum();
    }
}
