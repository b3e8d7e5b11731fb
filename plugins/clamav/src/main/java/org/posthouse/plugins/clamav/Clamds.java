// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.clamav;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Content;

/** The servers in their order: the first that is not left alone is asked, and the next where it gives no answer. */
final class Clamds {
    private static final Duration PING = Duration.ofSeconds(4);

    private final List<Clamd> servers;
    private final Duration timeout;
    private final Duration whole;

    /**
     * The servers to be asked.
     *
     * @param timeout how long one of them may take
     * @param whole how long all of them may take
     */
    Clamds(List<Clamd> servers, Duration timeout, Duration whole) {
        this.servers = List.copyOf(servers);
        this.timeout = timeout;
        this.whole = whole;
    }

    /** What clamd says of the octets; empty when no server gives an answer. */
    Optional<Catch> ask(Content octets) {
        long end = System.nanoTime() + whole.toNanos();
        for (Clamd server : servers) {
            long now = System.nanoTime();
            long deadline = Math.min(now + timeout.toNanos(), end);
            if (deadline - now > 0
                    && !Thread.currentThread().isInterrupted()
                    && server.standing().rest().over()) {
                Optional<Catch> caught = ask(server, octets, deadline);
                if (caught.isPresent()) {
                    return caught;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Catch> ask(Clamd server, Content octets, long deadline) {
        boolean told = false;
        try {
            Catch caught = server.scan(octets, deadline);
            server.standing().answered();
            told = true;
            return Optional.of(caught);
        } catch (IOException e) {
            if (!Thread.currentThread().isInterrupted()) {
                server.standing().failed(e);
                told = true;
            }
            return Optional.empty();
        } finally {
            if (!told) {
                server.standing().rest().leftOpen();
            }
        }
    }

    /** Which servers do not answer a ping. */
    List<String> silent() {
        List<String> silent = new ArrayList<>();
        for (Clamd server : servers) {
            try {
                server.ping(System.nanoTime() + PING.dividedBy(servers.size()).toNanos());
            } catch (IOException e) {
                silent.add(server + " (" + e + ")");
            }
        }
        return silent;
    }

    int count() {
        return servers.size();
    }
}
