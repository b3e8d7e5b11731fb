// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.posthouse.telemetry.spi.Members;
import org.posthouse.telemetry.spi.Members.Member;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has requests answered by the nodes of the cluster that they concern: by the one that the parameter {@code node} names,
 * else by all that store mail. Where a server is alone it answers itself.
 */
final class Nodes {
    /** The parameter that names a node. */
    static final String NODE = "node";

    private static final String SELF = "self";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);

    private final Services services;

    Nodes(Services services) {
        this.services = services;
    }

    /** What this node says for its own part. */
    @FunctionalInterface
    interface Part {
        Object view() throws Problem;
    }

    /** Makes one answer of the parts of all nodes that have answered, this one's first. */
    @FunctionalInterface
    interface Sum {
        Object of(List<JsonNode> parts, List<String> missing);
    }

    /** What this node does if it has what is asked for. */
    @FunctionalInterface
    interface Attempt {
        Optional<? extends Object> view() throws Problem;
    }

    /** The name of this node; null where the server is alone. */
    @Nullable
    String here() {
        return services.members().map(Members::self).orElse(null);
    }

    /** The answer of all nodes together, or of the one that is named. */
    Response whole(Request request, Parameters query, Part here, Sum sum) throws Problem {
        Optional<String> elsewhere = elsewhere(query);
        if (elsewhere.isPresent()) {
            return pass(elsewhere.get(), request);
        }
        Optional<Members> members = services.members();
        if (members.isEmpty() || !query.text(NODE).isEmpty()) {
            return Json.ok(here.view());
        }
        Map<String, CompletableFuture<Members.Reply>> asked = ask(members.get(), request);
        List<JsonNode> parts = new ArrayList<>(List.of(Json.tree(here.view())));
        List<String> missing = new ArrayList<>();
        asked.forEach(
                (member, reply) -> part(member, reply.join()).ifPresentOrElse(parts::add, () -> missing.add(member)));
        return Json.ok(sum.of(parts, missing));
    }

    private static Optional<JsonNode> part(String member, Members.Reply reply) {
        switch (reply) {
            case Members.Silence silence -> {
                LOG.debug("API: {}", silence.why());
                return Optional.empty();
            }
            case Members.Response response -> {
                try {
                    JsonNode json = Json.tree(response.body());
                    if (response.status() == 200) {
                        return Optional.of(json);
                    }
                    LOG.debug("API: node {} can not answer for its part: {}", member, json);
                } catch (IOException e) {
                    LOG.debug("API: node {} answers with what can not be read", member, e);
                }
                return Optional.empty();
            }
        }
    }

    /** The answer of the one node that has what is asked for; 404 only when all nodes say that they have not. */
    Response one(Request request, Parameters query, Attempt here, Problem nowhere) throws Problem {
        Optional<String> elsewhere = elsewhere(query);
        if (elsewhere.isPresent()) {
            return pass(elsewhere.get(), request);
        }
        Optional<? extends Object> found = here.view();
        if (found.isPresent()) {
            return Json.ok(found.get());
        }
        Optional<Members> members = services.members();
        if (members.isEmpty() || !query.text(NODE).isEmpty()) {
            throw nowhere;
        }
        return choose(ask(members.get(), request), nowhere);
    }

    private static Response choose(Map<String, CompletableFuture<Members.Reply>> asked, Problem nowhere)
            throws Problem {
        List<String> silent = new ArrayList<>();
        Response refused = null;
        for (CompletableFuture<Members.Reply> reply : asked.values()) {
            switch (reply.join()) {
                case Members.Silence silence -> silent.add(silence.why());
                case Members.Response response -> {
                    if (response.status() == 200) {
                        return response(response);
                    }
                    refused = response.status() == 404 ? refused : response(response);
                }
            }
        }
        if (refused != null) {
            return refused;
        }
        if (!silent.isEmpty()) {
            throw Problem.unavailable(nowhere.getMessage() + " of the nodes that answer. " + String.join(". ", silent));
        }
        throw nowhere;
    }

    private static Response response(Members.Response response) {
        return new Response(response.status(), response.contentType(), Map.of(), response.body());
    }

    /** The other node that the request is for, if it names one. */
    private Optional<String> elsewhere(Parameters query) throws Problem {
        String node = query.text(NODE);
        if (node.isEmpty() || node.equals(SELF)) {
            return Optional.empty();
        }
        Members members = services.members()
                .orElseThrow(() -> Problem.badRequest("This server is not part of a cluster; it has no node " + node));
        if (members.all().stream().noneMatch(m -> m.name().equals(node))) {
            throw Problem.badRequest("The cluster has no node " + node + "; it has "
                    + members.all().stream().map(Member::name).collect(Collectors.joining(", ")));
        }
        return node.equals(members.self()) ? Optional.empty() : Optional.of(node);
    }

    private Response pass(String member, Request request) throws Problem {
        Members members = services.members().orElseThrow(() -> Problem.unavailable("The cluster has stopped"));
        return switch (members.ask(member, forOne(request), PATIENCE).join()) {
            case Members.Silence silence -> throw Problem.unavailable(silence.why());
            case Members.Response response -> response(response);
        };
    }

    /** Asks all other nodes that store mail at once. */
    private static Map<String, CompletableFuture<Members.Reply>> ask(Members members, Request request) {
        Members.Request forOne = forOne(request);
        Map<String, CompletableFuture<Members.Reply>> asked = new LinkedHashMap<>();
        members.all().stream()
                .filter(member -> member.mail() && !member.self())
                .forEach(member -> asked.put(member.name(), members.ask(member.name(), forOne, PATIENCE)));
        return asked;
    }

    /** The same request for the node that gets it and nobody else. */
    private static Members.Request forOne(Request request) {
        Map<String, List<String>> query = new HashMap<>(request.query());
        query.put(NODE, List.of(SELF));
        return new Members.Request(
                request.method(), request.path(), query, request.contentType(), request.body(), request.peer());
    }
}
