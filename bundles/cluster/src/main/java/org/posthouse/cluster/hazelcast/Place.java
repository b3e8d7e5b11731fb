// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import java.util.List;
import org.posthouse.cluster.settings.Socket;

/**
 * Where a member stands among the others.
 *
 * @param cluster the name of the cluster
 * @param member the name of the member
 * @param bind where it listens
 * @param address where the others reach it
 * @param others where the others are reached
 */
public record Place(String cluster, String member, Socket bind, Socket address, List<Socket> others) {
    public Place {
        others = List.copyOf(others);
    }
}
