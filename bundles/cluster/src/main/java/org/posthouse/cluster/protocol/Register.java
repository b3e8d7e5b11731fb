// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * What a voter keeps on disk of one member; it only ever grows.
 *
 * @param node the member
 * @param seen the highest incarnation whose renewal was acknowledged
 * @param floor incarnations below are fenced
 */
public record Register(String node, long seen, long floor) {
    /** Nothing known. */
    public static Register none(String node) {
        return new Register(node, 0, 0);
    }

    /** What both know. */
    public Register join(Register other) {
        return new Register(node, Math.max(seen, other.seen), Math.max(floor, other.floor));
    }

    /** Whether this incarnation may do nothing any more. */
    public boolean refuses(long incarnation) {
        return incarnation < floor || incarnation < seen;
    }
}
