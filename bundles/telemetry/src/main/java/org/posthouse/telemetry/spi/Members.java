// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.spi;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The members of the cluster, each of which can be asked what its REST API is asked; there is such a service only where
 * the server is part of a cluster. What is asked goes the sealed way of the cluster: the members trust each other.
 */
public interface Members {
    /** How long an answer is waited for when nothing else is said. */
    Duration PATIENCE = Duration.ofSeconds(30);

    /** The largest body of a request or an answer, in octets. */
    int LARGEST = 32 * 1024 * 1024;

    /** All members in the order of succession, witnesses last, this one included; cheap, never blocks. */
    List<Member> all();

    /** The name of this one. */
    String self();

    /**
     * Asks a member, or this one itself. The member does at most once what it is asked; when nothing is heard it may have
     * done it or not.
     *
     * @param member its name
     * @param patience after which the answer is not waited for any more
     * @return comes on any thread, always and as a value: also when the member is not there
     */
    CompletableFuture<Reply> ask(String member, Request request, Duration patience);

    /** Asks a member and waits as long as is usual. */
    default CompletableFuture<Reply> ask(String member, Request request) {
        return ask(member, request, PATIENCE);
    }

    /**
     * A member.
     *
     * @param name its name
     * @param self whether it is this one
     * @param mail whether it stores mail; a witness does not
     * @param reachable whether it answered just now; this one always does
     */
    record Member(String name, boolean self, boolean mail, boolean reachable) {}

    /**
     * A request to the REST API.
     *
     * @param method GET, POST …
     * @param path the decoded path, from {@code /api} on
     * @param query the decoded parameters of the query
     * @param contentType the type of the body, or empty
     * @param body the body, or empty; not copied
     * @param peer who asks, for the log of the member
     */
    record Request(
            String method, String path, Map<String, List<String>> query, String contentType, byte[] body, String peer) {
        public Request {
            query = Map.copyOf(query);
        }
    }

    /** What came of it. */
    sealed interface Reply {}

    /** What the API of the member answered; the body is not copied. */
    record Response(int status, String contentType, byte[] body) implements Reply {}

    /** Nothing is heard of the member, or it could not be asked; why, as a sentence for the operator. */
    record Silence(String why) implements Reply {}
}
