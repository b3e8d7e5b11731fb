// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.posthouse.telemetry.spi.Members;

/**
 * What a member answered.
 *
 * @param status the status, 0 when nothing was heard
 * @param json the body
 * @param silence why nothing was heard, or empty
 */
record Answer(int status, JsonNode json, String silence) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static Answer of(Members.Reply reply) {
        return switch (reply) {
            case Members.Silence silence -> new Answer(0, MissingNode.getInstance(), silence.why());
            case Members.Response response -> of(response);
        };
    }

    private static Answer of(Members.Response response) {
        try {
            return new Answer(response.status(), MAPPER.readTree(response.body()), "");
        } catch (IOException e) {
            return new Answer(0, MissingNode.getInstance(), "Its answer can not be read: " + e.getMessage());
        }
    }

    boolean good() {
        return status == 200;
    }

    boolean silent() {
        return status == 0;
    }

    /** There is no such thing at the member. */
    boolean absent() {
        return status == 404;
    }

    String text(String name) {
        return json.path(name).asText("");
    }

    /** Why it is not good. */
    String why() {
        if (silent()) {
            return silence;
        }
        List<String> findings = findings();
        return text("detail") + (findings.isEmpty() ? "" : ": " + String.join("; ", findings));
    }

    List<String> findings() {
        List<String> findings = new ArrayList<>();
        json.path("findings").forEach(finding -> findings.add(finding.asText()));
        return findings;
    }
}
