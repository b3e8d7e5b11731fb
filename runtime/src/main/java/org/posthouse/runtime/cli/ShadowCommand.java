// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code posthouse shadow}: what hooks in shadow mode would have changed, and how two generations side by side differ. */
@Command(
        name = "shadow",
        description = "What hooks in shadow mode would have changed, and how two generations side by side differ.")
final class ShadowCommand implements Callable<Integer> {
    @Mixin
    private final ApiOptions options = new ApiOptions();

    @Parameters(paramLabel = "HOOK", arity = "0..1", description = "This hook alone, with samples.")
    private String hook = "";

    @Option(names = "--reset", description = "Forgets what was counted of the hook.")
    private boolean reset;

    @Override
    public Integer call() {
        return options.run((api, out) -> reset ? reset(api, out) : show(api, out));
    }

    private boolean reset(ApiClient api, PrintWriter out) throws ApiException {
        if (hook.isEmpty()) {
            throw new ApiException("Name the hook that is to be counted anew");
        }
        JsonNode answer = api.delete("/shadow/" + Paths.segment(hook), "");
        out.println(options.json() ? answer.toString() : Table.clean(hook + ": counted anew from now on", false));
        return true;
    }

    private boolean show(ApiClient api, PrintWriter out) throws ApiException {
        JsonNode answer = api.get("/shadow");
        if (options.json()) {
            out.println(answer);
            return true;
        }
        boolean any = false;
        for (JsonNode report : answer.path("reports")) {
            if (hook.isEmpty() || hook.equals(report.path("hook").asText())) {
                print(report, any, out);
                any = true;
            }
        }
        if (!any) {
            throw new ApiException(
                    hook.isEmpty()
                            ? "No hook is in shadow mode, and none is served by two generations"
                            : "Nothing was counted of a hook " + hook);
        }
        return true;
    }

    private void print(JsonNode report, boolean gap, PrintWriter out) {
        if (gap) {
            out.println();
        }
        out.println(Table.clean(
                report.path("hook").asText() + " (" + report.path("mode").asText() + ", generation "
                        + report.path("generation").asText() + "): asked "
                        + report.path("asked").asText() + " times since " + Times.time(report.path("since"))
                        + ", failed " + report.path("failed").asText() + ", mean "
                        + Profiles.micros(report.path("meanMicros")) + " µs",
                false));
        Table table = new Table("STAGE", "VERDICT", "EDITS", "SENDER DOMAIN", "COUNT");
        for (JsonNode line : report.path("lines")) {
            table.row(
                    line.path("stage").asText(),
                    line.path("verdict").asText(),
                    line.path("edits").asBoolean() ? "with" : "",
                    line.path("senderDomain").asText(),
                    line.path("count").asText());
        }
        table.print(out, true);
        if (!hook.isEmpty() && !report.path("samples").isEmpty()) {
            out.println();
            samples(report.path("samples")).print(out, true);
        }
    }

    private static Table samples(JsonNode samples) {
        Table table = new Table("AT", "MESSAGE", "STAGE", "SENDER", "ABOUT", "VERDICT", "REASON", "EDITS");
        for (JsonNode sample : samples) {
            table.row(
                    Times.time(sample.path("at")),
                    sample.path("id").asText(),
                    sample.path("stage").asText(),
                    QueueListCommand.sender(sample.path("sender").asText()),
                    sample.path("about").asText(),
                    sample.path("verdict").asText(),
                    sample.path("reason").asText(),
                    String.join("; ", Profiles.texts(sample.path("edits"))));
        }
        return table;
    }
}
