// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.posthouse.telemetry.spi.Members;
import org.posthouse.telemetry.spi.Members.Member;

/** The members that judge mail, as they are asked on behalf of somebody. */
record Fleet(Members members, String peer) {
    /** All of them, in their order; a witness judges no mail and is none. */
    List<String> names() {
        return members.all().stream().filter(Member::mail).map(Member::name).toList();
    }

    String self() {
        return members.self();
    }

    Answer ask(String node, Call call) {
        return Answer.of(begin(node, call).join());
    }

    /** Asks them at once; the answers are in the order of the names. */
    Map<String, Answer> ask(Collection<String> nodes, Call call) {
        Map<String, CompletableFuture<Members.Reply>> begun = new LinkedHashMap<>();
        nodes.forEach(node -> begun.put(node, begin(node, call)));
        Map<String, Answer> answers = new LinkedHashMap<>();
        begun.forEach((node, reply) -> answers.put(node, Answer.of(reply.join())));
        return answers;
    }

    private CompletableFuture<Members.Reply> begin(String node, Call call) {
        return members.ask(node, call.request(peer), call.patience());
    }
}
