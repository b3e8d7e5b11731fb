// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import com.hazelcast.config.TcpIpConfig;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.cluster.settings.Finder;
import org.posthouse.cluster.settings.Socket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other members by their addresses as they are now. Hazelcast asks for them at each attempt to join, and when it looks
 * for a cluster that was cut off. It would look names up as well, but then it drops every address that is not of the
 * interface on which this member listens.
 */
final class NamedMembers extends TcpIpConfig {
    private static final Logger LOG = LoggerFactory.getLogger(NamedMembers.class);

    private final List<Socket> others;
    private final Finder finder;
    private final Map<Socket, String> said = new HashMap<>();

    NamedMembers(List<Socket> others, Finder finder) {
        this.others = List.copyOf(others);
        this.finder = finder;
    }

    @Override
    public List<String> getMembers() {
        List<String> found = new ArrayList<>();
        for (Socket other : others) {
            try {
                List<Socket> sockets = finder.find(other);
                sockets.stream().map(Socket::toString).forEach(found::add);
                tell(other, sockets.toString());
            } catch (UnknownHostException e) {
                tell(other, String.valueOf(e.getMessage()));
            }
        }
        return found;
    }

    /** Says what has changed; an address says nothing new. */
    private synchronized void tell(Socket other, String now) {
        if (!other.numeric() && !now.equals(said.put(other, now))) {
            LOG.info("Cluster: {}: {}", other, now);
        }
    }
}
