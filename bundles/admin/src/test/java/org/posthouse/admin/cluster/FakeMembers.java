// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.posthouse.telemetry.spi.Clerk;
import org.posthouse.telemetry.spi.Members;

/** Members that answer on the spot, or are silent; the last one is a witness. The first leads. */
public final class FakeMembers implements Members {
    private final Map<String, Clerk> clerks = new LinkedHashMap<>();
    private final Set<String> silent = ConcurrentHashMap.newKeySet();
    private final List<String> asked = new ArrayList<>();
    private final Map<String, String> falls = new ConcurrentHashMap<>();

    /** Adds a member. */
    public FakeMembers with(String name, Clerk clerk) {
        clerks.put(name, clerk);
        return this;
    }

    /** Answers no more. */
    public void silence(String name) {
        silent.add(name);
    }

    /** Answers again. */
    public void wake(String name) {
        silent.remove(name);
    }

    /** Does what it is asked by a request that ends so, and is silent from then on. */
    public void fallsAt(String name, String end) {
        falls.put(name, end);
    }

    /** What was asked so far, without the requests that only look. */
    public synchronized List<String> done() {
        return asked.stream().filter(line -> !line.contains(" GET ")).toList();
    }

    @Override
    public List<Member> all() {
        return Stream.concat(
                        clerks.keySet().stream()
                                .map(name -> new Member(name, name.equals(self()), true, !silent.contains(name))),
                        Stream.of(new Member("w", false, false, true)))
                .toList();
    }

    @Override
    public String self() {
        return clerks.keySet().iterator().next();
    }

    @Override
    public CompletableFuture<Reply> ask(String member, Request request, Duration patience) {
        return CompletableFuture.completedFuture(answer(member, request));
    }

    private Reply answer(String member, Request request) {
        Reply silence = new Silence("Node " + member + " does not answer");
        if (silent.contains(member)) {
            return silence;
        }
        String line = member + " " + request.method() + " " + request.path().substring("/api/v1".length())
                + (request.query().isEmpty() ? "" : "?" + request.query().keySet());
        synchronized (this) {
            asked.add(line);
        }
        Response response = clerks.get(member).answer(request, self());
        if (line.endsWith(falls.getOrDefault(member, "never"))) {
            silence(member);
            return silence;
        }
        return response;
    }
}
