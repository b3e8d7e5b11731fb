// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Map;

/** How values are written and read. */
final class Json {
    static final String TYPE = "application/json";
    static final String PROBLEM_TYPE = "application/problem+json";

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Json() {}

    static Response ok(Object value) {
        return new Response(200, TYPE, Map.of(), write(value));
    }

    static Response problem(Problem problem) {
        return new Response(problem.status(), PROBLEM_TYPE, problem.headers(), write(problem.document()));
    }

    /** A view as a tree. */
    static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /**
     * What another node answered, as a tree.
     *
     * @throws IOException when it is no JSON
     */
    static JsonNode tree(byte[] text) throws IOException {
        return MAPPER.readTree(text);
    }

    private static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A view can not be written as JSON", e);
        }
    }

    /** Reads the body; an empty one is an empty object. */
    static <T> T read(Request request, Class<T> type) throws Problem {
        byte[] body = request.body();
        boolean json = Request.is(TYPE, request.contentType());
        if ((body.length > 0 && !json) || Request.is(Request.FILE, request.contentType())) {
            throw Problem.unsupportedType();
        }
        return read(body, type);
    }

    /** Reads a body; an empty one is an empty object. */
    static <T> T read(byte[] body, Class<T> type) throws Problem {
        try {
            T value = body.length == 0 ? MAPPER.readValue("{}", type) : MAPPER.readValue(body, type);
            if (value == null) {
                throw Problem.badRequest("The body is null, not an object");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw Problem.badRequest("The body is not what is expected here: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new IllegalStateException("Reading from memory failed", e);
        }
    }
}
