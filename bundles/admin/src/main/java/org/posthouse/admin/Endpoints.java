// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The table of paths and methods; a path is a template such as {@code /api/v1/queue/{id}/hold}. */
final class Endpoints {
    /** Answers one method of one path. */
    @FunctionalInterface
    interface Endpoint {
        /** Answers; {@code arguments} are the values of the template's braces in order. */
        Response answer(Request request, List<String> arguments) throws Problem;
    }

    private record Row(Pattern pattern, Map<String, Endpoint> methods) {}

    private final Map<String, Row> rows = new LinkedHashMap<>();

    /** Adds a row; of two templates that fit a path the first one added answers. */
    Endpoints on(String method, String template, Endpoint endpoint) {
        rows.computeIfAbsent(template, t -> new Row(pattern(t), new LinkedHashMap<>()))
                .methods()
                .put(method, endpoint);
        return this;
    }

    /** Every method and template. */
    List<String> operations() {
        return rows.entrySet().stream()
                .flatMap(row -> row.getValue().methods().keySet().stream().map(method -> method + " " + row.getKey()))
                .toList();
    }

    private static Pattern pattern(String template) {
        return Pattern.compile(template.replaceAll("\\{[a-z]+}", "([A-Za-z0-9._-]+)"));
    }

    Response answer(Request request) throws Problem {
        for (Row row : rows.values()) {
            Optional<List<String>> arguments = match(row.pattern(), request.path());
            if (arguments.isPresent()) {
                return method(row, request.method()).answer(request, arguments.get());
            }
        }
        throw Problem.notFound("There is nothing at " + request.path());
    }

    private static Endpoint method(Row row, String method) throws Problem {
        // RFC 9110 9.3.2: HEAD is GET without the content, which the server leaves out.
        Endpoint endpoint = row.methods().get(method.equals("HEAD") ? "GET" : method);
        if (endpoint == null) {
            throw Problem.methodNotAllowed(String.join(", ", row.methods().keySet()));
        }
        return endpoint;
    }

    private static Optional<List<String>> match(Pattern pattern, String path) {
        Matcher matcher = pattern.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        List<String> arguments = new ArrayList<>();
        for (int i = 1; i <= matcher.groupCount(); i++) {
            arguments.add(matcher.group(i));
        }
        return Optional.of(arguments);
    }
}
