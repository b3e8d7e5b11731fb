// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state.spi;

/**
 * When and where a value was set. The time is a hybrid one: that of the wall clock in milliseconds times 65,536, and never
 * below one that was seen before.
 */
public record Stamp(long time, String node) implements Comparable<Stamp> {
    /** Of what was set before there was a cluster. */
    public static final Stamp BEFORE = new Stamp(0, "");

    @Override
    public int compareTo(Stamp other) {
        int byTime = Long.compare(time, other.time);
        return byTime != 0 ? byTime : node.compareTo(other.node);
    }
}
