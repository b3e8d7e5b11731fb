// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.restart;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.posthouse.telemetry.spi.Members;

/** The fleet over the REST APIs of the members, asked by the cluster's own way. */
final class MemberFleet implements Fleet {
    private static final String PATH = "/api/v1/cluster/restart";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    // A newer member may say more of itself.
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Members members;
    private final Supplier<Sight> own;

    /**
     * @param own this node as it is now
     */
    MemberFleet(Members members, Supplier<Sight> own) {
        this.members = members;
        this.own = own;
    }

    @Override
    public List<Ship> others() {
        return members.all().stream()
                .filter(m -> !m.self())
                .map(m -> new Ship(m.name(), m.mail()))
                .toList();
    }

    @Override
    public Ship self() {
        boolean mail = members.all().stream().anyMatch(m -> m.self() && m.mail());
        return new Ship(members.self(), mail);
    }

    @Override
    public Sight look(String member) throws Unheard {
        if (member.equals(members.self())) {
            return own.get();
        }
        JsonNode answer = ask(member, "GET", new byte[0]);
        try {
            return MAPPER.treeToValue(answer.path("node"), Sight.class);
        } catch (IOException e) {
            throw new Unheard(member + " says something else of itself: " + e.getMessage());
        }
    }

    @Override
    public void restart(String member, Duration drain) throws Unheard {
        String body = MAPPER.createObjectNode()
                .put("node", member)
                .put("drainSeconds", drain.toSeconds())
                .toString();
        ask(member, "POST", body.getBytes(StandardCharsets.UTF_8));
    }

    private JsonNode ask(String member, String method, byte[] body) throws Unheard {
        String type = body.length == 0 ? "" : "application/json";
        Members.Request request = new Members.Request(method, PATH, Map.of(), type, body, "rolling restart");
        try {
            return switch (members.ask(member, request, PATIENCE).get()) {
                case Members.Silence silence -> throw new Unheard(silence.why());
                case Members.Response response -> read(member, response);
            };
        } catch (ExecutionException e) {
            throw new Unheard(member + " could not be asked: " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unheard("Interrupted");
        }
    }

    private static JsonNode read(String member, Members.Response response) throws Unheard {
        JsonNode json;
        try {
            json = MAPPER.readTree(response.body());
        } catch (IOException e) {
            throw new Unheard(member + " answered no JSON: " + e.getMessage());
        }
        if (response.status() != 200) {
            throw new Unheard(json.path("detail").asText(member + " answered with status " + response.status()));
        }
        return json;
    }
}
