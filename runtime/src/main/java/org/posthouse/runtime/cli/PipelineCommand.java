// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code posthouse pipeline}: the hooks of every stage in the order in which they are asked. */
@Command(name = "pipeline", description = "The hooks of every stage in the order in which they are asked.")
final class PipelineCommand implements Callable<Integer> {
    @Mixin
    private final ApiOptions options = new ApiOptions();

    @Override
    public Integer call() {
        return options.run((api, out) -> {
            JsonNode answer = api.get("/pipeline");
            if (options.json()) {
                out.println(answer);
                return true;
            }
            Table table = new Table(
                    "STAGE",
                    "#",
                    "HOOK",
                    "PLUGIN",
                    "VERSION",
                    "GENERATION",
                    "MODE",
                    "SHARE %",
                    "BREAKER",
                    "RUNNING",
                    "BUDGET ms",
                    "ON FAILURE",
                    "CALLS",
                    "FAILURES",
                    "MEAN µs",
                    "ABANDONED");
            answer.path("hooks").forEach(hook -> row(table, hook));
            table.print(out, true);
            return true;
        });
    }

    private static void row(Table table, JsonNode hook) {
        boolean asked = hook.path("calls").asLong() > 0;
        table.row(
                hook.path("stage").asText(),
                hook.path("position").asText(),
                hook.path("hook").asText(),
                hook.path("plugin").asText(),
                hook.path("version").asText(),
                hook.path("generation").asText(),
                hook.path("mode").asText(),
                hook.path("share").asText(),
                hook.path("breaker").asText(),
                running(hook),
                hook.path("timeoutMillis").asText(),
                hook.path("onFailure").asText(),
                hook.path("calls").asText(),
                hook.path("failures").asText(),
                asked
                        ? String.format(
                                Locale.ROOT, "%.1f", hook.path("meanMicros").asDouble())
                        : "",
                hook.path("abandoned").asText());
    }

    /** How often it is asked now, of how often it may be. */
    private static String running(JsonNode hook) {
        int most = hook.path("maxConcurrent").asInt();
        return hook.path("running").asText() + (most == 0 ? "" : "/" + most);
    }
}
