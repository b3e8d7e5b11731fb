// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthouse.console.QueueView.Changed;
import org.posthouse.console.QueueView.Counts;
import org.posthouse.console.QueueView.Detail;
import org.posthouse.console.QueueView.Page;
import org.posthouse.console.QueueView.Sites;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.telemetry.spi.Clerk;
import org.posthouse.telemetry.spi.Members;

/** The queue as the REST API of this server answers it: of all nodes where there is a cluster. */
final class ApiQueue {
    private static final String ROOT = "/api/v1/queue";
    private static final String JSON = "application/json";
    private static final int GOOD = 200;
    private static final int GONE = 404;
    private static final Map<String, List<String>> WHOLE = Map.of();
    private static final byte[] NOTHING = {};

    // Another member may be a version ahead, and say more.
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Clerk clerk;

    ApiQueue(Clerk clerk) {
        this.clerk = clerk;
    }

    /** It was not done; why, as a sentence for the operator. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private RefusedException(String message) {
            super(message);
        }
    }

    Page list(QueueList.Asked asked, int most) throws RefusedException {
        Map<String, List<String>> query = new LinkedHashMap<>();
        query.put("limit", List.of(Integer.toString(most)));
        asked.parameters().forEach((name, value) -> query.put(name, List.of(value)));
        return good(ask("GET", "", query, NOTHING), Page.class);
    }

    Counts counts() throws RefusedException {
        return good(ask("GET", "/counts", WHOLE, NOTHING), Counts.class);
    }

    /** Those of this node alone: each node has connections of its own. */
    Sites sites() throws RefusedException {
        return good(ask("GET", "/sites", WHOLE, NOTHING), Sites.class);
    }

    Optional<Detail> show(MessageId id) throws RefusedException {
        return found(ask("GET", "/" + id, WHOLE, NOTHING), Detail.class);
    }

    /** Returns how many recipients changed; nothing where the message has left the queue. */
    Optional<Integer> change(QueueAction.Verb verb, MessageId id, String reason, boolean notice)
            throws RefusedException {
        byte[] order = order(reason);
        Members.Response answer = switch (verb) {
            case HOLD -> ask("POST", "/" + id + "/hold", WHOLE, order);
            case RELEASE -> ask("POST", "/" + id + "/release", WHOLE, order);
            case RETRY -> ask("POST", "/" + id + "/retry", WHOLE, order);
            case DELETE -> ask("DELETE", "/" + id, Map.of("notice", List.of(Boolean.toString(notice))), order);
        };
        return found(answer, Changed.class).map(Changed::changed);
    }

    private Members.Response ask(String method, String path, Map<String, List<String>> query, byte[] body) {
        return clerk.answer(new Members.Request(method, ROOT + path, query, JSON, body, Clerk.CONSOLE), "");
    }

    private static byte[] order(String reason) {
        return MAPPER.createObjectNode().put("reason", reason).toString().getBytes(StandardCharsets.UTF_8);
    }

    private static <T> Optional<T> found(Members.Response answer, Class<T> type) throws RefusedException {
        return answer.status() == GONE ? Optional.empty() : Optional.of(good(answer, type));
    }

    private static <T> T good(Members.Response answer, Class<T> type) throws RefusedException {
        try {
            if (answer.status() == GOOD) {
                return MAPPER.readValue(answer.body(), type);
            }
            throw new RefusedException(
                    MAPPER.readTree(answer.body()).path("detail").asText());
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static RefusedException unreadable(IOException e) {
        RefusedException refused = new RefusedException("The answer can not be read: " + e.getMessage());
        refused.initCause(e);
        return refused;
    }
}
