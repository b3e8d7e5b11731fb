// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/** The two clocks of a node, in milliseconds. */
public interface Clocks {
    /** Runs evenly, and says nothing about the time of day; may stand still while a virtual machine is suspended. */
    long monotonic();

    /** The time of day; may jump. */
    long wall();
}
