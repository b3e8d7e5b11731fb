// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.posthouse.cluster.errands.Errands;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.telemetry.spi.Members;

/** The configured members, and how this node asks them. */
final class KnownMembers implements Members {
    private final Membership members;
    private final CommonGround common;
    private final Errands errands;

    KnownMembers(Membership members, CommonGround common, Errands errands) {
        this.members = members;
        this.common = common;
        this.errands = errands;
    }

    @Override
    public List<Member> all() {
        return Stream.concat(members.mail().stream(), members.witnesses().stream())
                .map(name -> new Member(
                        name,
                        name.equals(members.self()),
                        members.mail().contains(name),
                        name.equals(members.self()) || common.reachable().contains(name)))
                .toList();
    }

    @Override
    public String self() {
        return members.self();
    }

    @Override
    public CompletableFuture<Reply> ask(String member, Request request, Duration patience) {
        return errands.ask(member, request, patience);
    }
}
