// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** The node of a cluster that is meant, by default all of them; and those that did not answer. */
final class NodeOption {
    @Option(
            names = "--node",
            paramLabel = "NAME",
            description = "Only at this node of the cluster; self is the one that is asked.")
    private String node = "";

    private final Set<String> missing = new LinkedHashSet<>();

    /** {@code &node=NAME}, or nothing. */
    String parameter() {
        return Paths.parameter("node", node);
    }

    /** {@code ?node=NAME}, or nothing. */
    String onlyParameter() {
        return parameter().replaceFirst("^&", "?");
    }

    /** Remembers who is missing in an answer. */
    void note(JsonNode answer) {
        answer.path("missing").forEach(name -> missing.add(name.asText()));
    }

    /** Says on the standard error stream who is missing. */
    void warn(ApiOptions options) {
        missing.forEach(name -> options.warn("node " + name + " does not answer; what it has is not in this"));
    }

    Set<String> missing() {
        return missing;
    }
}
