// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * One life of a node: its number is raised at every start, and whenever the node learns that it was fenced. Numbers of
 * one node are compared; those of different nodes say nothing about each other.
 */
public record Incarnation(String node, long number) {
    @Override
    public String toString() {
        return node + "@" + number;
    }
}
