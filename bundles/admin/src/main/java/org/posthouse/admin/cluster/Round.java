// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.admin.spi.CommonConfig.Applied;
import org.posthouse.admin.spi.RefusedException;
import org.posthouse.config.spi.SharedFiles.Change;

/** One change of the common files: prepared by all members, then applied by all, then it stays at all or at none. */
final class Round {
    /** All steps together take less than a member waits before it asks the others what became of a change. */
    static final Duration PATIENCE = Duration.ofSeconds(45);

    private static final int TRIES = 3;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final String id;
    private final Fleet fleet;
    private final List<String> nodes;

    Round(String id, Fleet fleet) {
        this.id = id;
        this.fleet = fleet;
        this.nodes = fleet.names();
    }

    Applied run(Change change) throws RefusedException {
        Map<String, Answer> prepared = fleet.ask(nodes, call("prepare", body(change)));
        if (!prepared.values().stream().allMatch(Answer::good)) {
            // Whether or not they hear it, nothing of it is in force anywhere.
            fleet.ask(prepared.keySet(), call("back", new byte[0]));
            throw new RefusedException("Nothing was changed on any node", findings(prepared));
        }
        Map<String, Answer> applied = fleet.ask(nodes, call("apply", new byte[0]));
        if (!applied.values().stream().allMatch(Answer::good)) {
            throw takenBack(findings(applied));
        }
        Map<String, String> ended = new LinkedHashMap<>();
        insist("keep")
                .forEach((node, answer) -> ended.put(
                        node,
                        answer.good()
                                ? "in force"
                                : answer.silent()
                                        ? "applied, and not told that it stays; it will ask the others: " + answer.why()
                                        : "not in force: " + answer.why()));
        return new Applied(id, ended);
    }

    private RefusedException takenBack(List<String> findings) {
        List<String> lines = new ArrayList<>(findings);
        boolean everywhere = true;
        for (Map.Entry<String, Answer> node : insist("back").entrySet()) {
            if (!node.getValue().good()) {
                everywhere = false;
                lines.add(node.getKey() + ": "
                        + (node.getValue().silent()
                                ? "was not told to put the old files back, and will ask the others: "
                                : "")
                        + node.getValue().why());
            }
        }
        return new RefusedException(
                everywhere
                        ? "The old files are in force again on all nodes"
                        : "The old files are in force again, but not on all nodes",
                lines);
    }

    /** Says it until it is heard, within reason. */
    private Map<String, Answer> insist(String verb) {
        Map<String, Answer> answers = new LinkedHashMap<>(fleet.ask(nodes, call(verb, new byte[0])));
        for (int i = 1; i < TRIES; i++) {
            Collection<String> silent = answers.entrySet().stream()
                    .filter(node -> node.getValue().silent())
                    .map(Map.Entry::getKey)
                    .toList();
            answers.putAll(fleet.ask(silent, call(verb, new byte[0])));
        }
        return answers;
    }

    private Call call(String verb, byte[] body) {
        String path = "/cluster/config/" + id + "/" + verb;
        Call call = body.length == 0 ? Call.of("POST", path) : Call.file(path, body);
        return call.within(PATIENCE);
    }

    private static byte[] body(Change change) {
        ObjectNode json = MAPPER.createObjectNode();
        ObjectNode files = json.putObject("files");
        change.files().forEach(files::put);
        ArrayNode removed = json.putArray("remove");
        change.removed().forEach(removed::add);
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> findings(Map<String, Answer> answers) {
        List<String> lines = new ArrayList<>();
        answers.forEach((node, answer) -> {
            if (answer.good()) {
                return;
            }
            if (answer.findings().isEmpty()) {
                lines.add(node + ": " + answer.why());
            }
            answer.findings().forEach(finding -> lines.add(node + ": " + finding));
        });
        return lines;
    }
}
