// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Follows a rollout over all nodes to its end, and prints each step of it. */
final class RolloutProgress {
    private static final long LOOK_MILLIS = 500;

    private final ApiClient api;
    private final PrintWriter out;
    private final boolean json;
    private final Map<String, Integer> shown = new HashMap<>();

    RolloutProgress(ApiClient api, PrintWriter out, boolean json) {
        this.api = api;
        this.out = out;
        this.json = json;
    }

    /** Returns whether all nodes have what was wanted. */
    boolean follow(JsonNode begun) throws ApiException {
        JsonNode now = begun;
        print(now);
        while (now.path("outcome").asText().equals("running")) {
            rest();
            now = api.get("/plugins/rollout");
            if (!now.path("id").equals(begun.path("id"))) {
                throw new ApiException(
                        "Another rollout has begun meanwhile; the log of the server says what became of this one");
            }
            print(now);
        }
        if (json) {
            out.println(now);
        } else {
            out.println(Table.clean(
                    (now.path("plugin").asText() + " " + now.path("version").asText()).strip() + ": "
                            + now.path("action").asText() + " "
                            + now.path("outcome").asText()
                            + why(now.path("detail").asText()),
                    false));
        }
        return now.path("outcome").asText().equals("done");
    }

    private void print(JsonNode rollout) {
        for (JsonNode node : rollout.path("nodes")) {
            String name = node.path("name").asText();
            JsonNode steps = node.path("steps");
            for (int i = shown.getOrDefault(name, 0); i < steps.size() && !json; i++) {
                JsonNode step = steps.get(i);
                out.println(Table.clean(
                        Times.time(step.path("at")) + "  " + name + ": "
                                + step.path("state").asText()
                                + why(step.path("detail").asText()),
                        false));
            }
            shown.put(name, steps.size());
        }
        out.flush();
    }

    private static String why(String detail) {
        return detail.isEmpty() ? "" : ": " + detail;
    }

    private static void rest() throws ApiException {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException("Interrupted; the rollout goes on: posthouse plugin rollout");
        }
    }
}
