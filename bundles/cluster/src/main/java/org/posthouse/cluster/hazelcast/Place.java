// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import java.net.UnknownHostException;
import java.util.List;
import org.posthouse.cluster.settings.Finder;
import org.posthouse.cluster.settings.Socket;

/**
 * Where a member stands among the others.
 *
 * @param cluster the name of the cluster
 * @param member the name of the member
 * @param bind where it listens
 * @param address where the others reach it
 * @param others where the others are reached
 * @param finder finds the addresses of their names
 */
public record Place(String cluster, String member, Socket bind, Socket address, List<Socket> others, Finder finder) {
    public Place {
        others = List.copyOf(others);
    }

    /**
     * The same with the addresses of this member as they are now.
     *
     * @throws UnknownHostException when it has none yet, or none that it may use; the message says so
     */
    Place found() throws UnknownHostException {
        return new Place(
                cluster,
                member,
                finder.find(bind).getFirst(),
                finder.find(address).getFirst(),
                others,
                finder);
    }
}
