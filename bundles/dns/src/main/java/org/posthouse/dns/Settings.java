// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How the resolver asks and what it keeps.
 *
 * @param servers who is asked, in order
 * @param timeout within which every question is answered, one way or the other
 * @param retries how often all servers are asked again
 * @param cacheSize how many answers are kept
 * @param maxTtl no answer is kept for longer
 * @param negativeTtl no negative answer is kept for longer
 * @param trustAd whether the AD bit of the servers is believed (RFC 6840 5.7)
 * @param concurrency how many questions are under way at once
 */
record Settings(
        List<InetSocketAddress> servers,
        Duration timeout,
        int retries,
        int cacheSize,
        Duration maxTtl,
        Duration negativeTtl,
        boolean trustAd,
        int concurrency) {
    Settings {
        servers = List.copyOf(servers);
    }
}
