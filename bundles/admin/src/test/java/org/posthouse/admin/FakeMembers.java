// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.posthouse.telemetry.spi.Clerk;
import org.posthouse.telemetry.spi.Members;

/** The members of a cluster in one process: whoever is not dead answers at once. */
public final class FakeMembers implements Members {
    private final String self;
    private final Map<String, Clerk> clerks = new LinkedHashMap<>();
    private final Set<String> witnesses = new HashSet<>();
    final Set<String> dead = new HashSet<>();
    final List<String> asked = new ArrayList<>();

    public FakeMembers(String self) {
        this.self = self;
    }

    /** Adds a member that answers so. */
    public FakeMembers with(String name, Clerk clerk) {
        clerks.put(name, clerk);
        return this;
    }

    /** This member does not answer any more. */
    public void die(String name) {
        dead.add(name);
    }

    FakeMembers withWitness(String name) {
        witnesses.add(name);
        return with(name, (request, member) -> {
            throw new AssertionError("a witness has no mail to ask for");
        });
    }

    @Override
    public List<Member> all() {
        return clerks.keySet().stream()
                .map(name -> new Member(name, name.equals(self), !witnesses.contains(name), !dead.contains(name)))
                .toList();
    }

    @Override
    public String self() {
        return self;
    }

    @Override
    public CompletableFuture<Reply> ask(String member, Request request, Duration patience) {
        asked.add(member);
        Clerk clerk = clerks.get(member);
        return CompletableFuture.completedFuture(
                clerk == null || dead.contains(member)
                        ? new Silence("Node " + member + " does not answer")
                        : clerk.answer(request, self));
    }
}
