// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code posthouse replay}: judges a message from a file, or a recording, by the pipeline as it is or with a candidate in
 * it, and compares. The status is 1 when anything was judged otherwise.
 */
@Command(
        name = "replay",
        description = "Judges a message from a file, or a recording, once more, and compares; nothing is queued.")
final class ReplayCommand implements Callable<Integer> {
    private static final int PIECE = 100;

    @Mixin
    private final ApiOptions options = new ApiOptions();

    @Mixin
    private final Envelope envelope = new Envelope();

    @Parameters(paramLabel = "FILE.eml|RECORDING", description = "What is judged.")
    private String what = "";

    @Option(names = "--plugin", paramLabel = "NAME", description = "The plugin to try; with --jar, --settings or both.")
    private String plugin = "";

    @Option(names = "--jar", paramLabel = "FILE", description = "The jar to try, instead of the one in force.")
    private @Nullable Path jar;

    @Option(
            names = "--settings",
            paramLabel = "FILE",
            description = "The configuration to try, instead of the one in force.")
    private @Nullable Path settings;

    @Option(names = "--from", paramLabel = "N", description = "Skips the first N of a recording.", defaultValue = "0")
    private int from;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Judges at most N of a recording, by default all.",
            defaultValue = "2147483647")
    private int count;

    /** The envelope and session that are made up for a message from a file. */
    static final class Envelope {
        @Option(names = "--sender", paramLabel = "ADDRESS", description = "MAIL FROM of the message.")
        private String sender = "";

        @Option(names = "--recipient", paramLabel = "ADDRESS", description = "RCPT TO; may be given more than once.")
        private List<String> recipients = List.of();

        @Option(names = "--peer", paramLabel = "IP", description = "The client, by default 127.0.0.1.")
        private String peer = "";

        @Option(names = "--helo", paramLabel = "NAME", description = "What EHLO says.")
        private String helo = "";

        @Option(names = "--listener", paramLabel = "NAME", description = "The listener, by default mx.")
        private String listener = "";

        @Option(names = "--profile", paramLabel = "NAME", description = "mx, relay or submission, by default mx.")
        private String profile = "";

        @Option(names = "--user", paramLabel = "NAME", description = "The authenticated identity.")
        private String user = "";

        @Option(names = "--tls", paramLabel = "TEXT", description = "Protocol and cipher.")
        private String tls = "";

        @Option(names = "--trusted", description = "The client is in the trusted networks.")
        private boolean trusted;

        ObjectNode json(String upload) {
            ObjectNode json = ApiClient.object()
                    .put("file", upload)
                    .put("sender", sender)
                    .put("peer", peer)
                    .put("helo", helo)
                    .put("listener", listener)
                    .put("profile", profile)
                    .put("user", user)
                    .put("tls", tls)
                    .put("trusted", trusted);
            recipients.forEach(json.putArray("recipients")::add);
            return json;
        }
    }

    @Override
    public Integer call() {
        return options.run((api, out) -> {
            ObjectNode wanted = ApiClient.object();
            if (!plugin.isEmpty()) {
                wanted.set("candidate", candidate(api));
            } else if (jar != null || settings != null) {
                throw new ApiException("Name the plugin that the jar or the settings are of with --plugin");
            }
            Path file = Path.of(what);
            if (Files.isRegularFile(file)) {
                return message(api, file, wanted, out);
            }
            if (!envelope.recipients.isEmpty() || what.endsWith(".eml")) {
                throw new ApiException("There is no file " + what);
            }
            return recording(api, wanted, out);
        });
    }

    private ObjectNode candidate(ApiClient api) throws ApiException {
        if (jar == null && settings == null) {
            throw new ApiException("Say with --jar or --settings what is to be tried of " + plugin);
        }
        ObjectNode candidate = ApiClient.object().put("plugin", plugin);
        if (settings != null) {
            candidate.put("settings", read(settings));
        }
        if (jar != null) {
            candidate.put("jar", api.upload(jar));
        }
        return candidate;
    }

    private static String read(Path file) throws ApiException {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ApiException("The settings at " + file + " can not be read: " + e.getMessage());
        }
    }

    private boolean message(ApiClient api, Path file, ObjectNode wanted, PrintWriter out) throws ApiException {
        if (envelope.recipients.isEmpty()) {
            throw new ApiException("Say with --recipient to whom the message goes");
        }
        wanted.set("message", envelope.json(api.upload(file)));
        JsonNode report = api.post("/replay", wanted);
        drop(api, wanted);
        if (options.json()) {
            out.println(report);
        } else {
            boolean compared = report.path("compared").asBoolean();
            for (JsonNode outcome : report.path("outcomes")) {
                verdicts(outcome, compared).print(out, true);
                out.println();
                Timeline.steps(outcome.path("steps")).print(out, true);
            }
        }
        return report.path("different").asInt() == 0;
    }

    private static Table verdicts(JsonNode outcome, boolean compared) {
        Table table = compared ? new Table("", "WHAT", "BEFORE", "NOW") : new Table("WHAT", "VERDICT");
        for (String key : keys(outcome)) {
            String before = outcome.path("before").path(key).asText();
            String now = outcome.path("now").path(key).asText();
            if (compared) {
                table.row(before.equals(now) ? "" : "*", key, before, now);
            } else {
                table.row(key, now);
            }
        }
        return table;
    }

    /** What was decided in either run, in the order of the session. */
    private static List<String> keys(JsonNode outcome) {
        TreeSet<String> keys = new TreeSet<>(Comparator.<String>comparingInt(key ->
                        List.of("connect", "helo", "mail", "rcpt", "message").indexOf(key.split(" ", 2)[0]))
                .thenComparing(Comparator.naturalOrder()));
        for (String side : List.of("before", "now")) {
            for (Map.Entry<String, JsonNode> verdict : outcome.path(side).properties()) {
                keys.add(verdict.getKey());
            }
        }
        return List.copyOf(keys);
    }

    /** Piece by piece, so that memory does not grow with the recording. */
    private boolean recording(ApiClient api, ObjectNode wanted, PrintWriter out) throws ApiException {
        wanted.put("recording", what);
        long judged = 0;
        long different = 0;
        boolean more = true;
        if (options.json()) {
            out.print("{\"outcomes\":[");
        }
        while (more && judged < count) {
            wanted.put("from", from + judged).put("count", Math.min(PIECE, count - judged));
            JsonNode report = api.post("/replay", wanted);
            print(report.path("outcomes"), judged == 0, different == 0, out);
            judged += report.path("judged").asLong();
            different += report.path("different").asLong();
            more = report.path("more").asBoolean();
        }
        drop(api, wanted);
        out.println(
                options.json()
                        ? "],\"judged\":" + judged + ",\"different\":" + different + "}"
                        : judged + " judged, " + different + " otherwise than before");
        return different == 0;
    }

    private void print(JsonNode outcomes, boolean first, boolean withTitles, PrintWriter out) {
        if (options.json()) {
            String comma = first ? "" : ",";
            for (JsonNode outcome : outcomes) {
                out.print(comma + outcome);
                comma = ",";
            }
            return;
        }
        Table table = new Table("MESSAGE", "FROM", "WHAT", "BEFORE", "NOW", "BY");
        for (JsonNode outcome : outcomes) {
            if (!outcome.path("same").asBoolean()) {
                different(table, outcome);
            }
        }
        if (!table.empty()) {
            table.print(out, withTitles);
        }
    }

    private static void different(Table table, JsonNode outcome) {
        String by = decisive(outcome.path("steps"));
        for (String key : keys(outcome)) {
            String before = outcome.path("before").path(key).asText();
            String now = outcome.path("now").path(key).asText();
            if (!before.equals(now)) {
                table.row(
                        outcome.path("id").asText(),
                        QueueListCommand.sender(outcome.path("sender").asText()),
                        key,
                        before,
                        now,
                        by);
            }
        }
    }

    /** The hooks that had an opinion now. */
    private static String decisive(JsonNode steps) {
        TreeSet<String> hooks = new TreeSet<>();
        for (JsonNode step : steps) {
            String verdict = step.path("verdict").asText();
            if (!verdict.equals("continue")
                    && !verdict.equals("accept")
                    && !step.path("mode").asText().equals("shadow")) {
                hooks.add(step.path("hook").asText());
            }
        }
        return String.join(", ", hooks);
    }

    /** The files are of no more use; left alone they are dropped after some minutes. */
    private static void drop(ApiClient api, ObjectNode wanted) throws ApiException {
        for (String upload : List.of(
                wanted.at("/message/file").asText(), wanted.at("/candidate/jar").asText())) {
            if (!upload.isEmpty()) {
                api.delete("/uploads/" + Paths.segment(upload), "");
            }
        }
    }
}
