// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.util.Arrays;
import java.util.List;

/** What fails. */
enum Kind {
    KILL(1, "kill -9 of one"),
    KILL_TWO(3, "kill -9 of two"),
    KILL_ALL(1, "kill -9 of all at once"),
    PAUSE(1, "SIGSTOP, longer than a lease, then SIGCONT"),
    CUT(3, "one cut off from the others, both ways"),
    CUT_PAIR(3, "two cut off from each other; the third hears both"),
    CUT_ONE_WAY(3, "one is heard by nobody, and hears all"),
    FLAP(3, "links come and go"),
    RETURN(3, "one off the network, and back when its mail was delivered elsewhere"),
    REPLACE(3, "kill -9 of one, and back with an empty disk"),
    DISK_FULL(1, "disk full"),
    DISK_SLOW(1, "each sync takes 200 ms"),
    DISK_FAILING(1, "each write or sync fails"),
    CLOCK(1, "the wall clock jumps, and back");

    /** How many nodes it needs. */
    final int nodes;
    /** In words. */
    final String words;

    Kind(int nodes, String words) {
        this.nodes = nodes;
        this.words = words;
    }

    /** Those that so many nodes can have. */
    static List<Kind> of(int nodes) {
        return Arrays.stream(values()).filter(k -> k.nodes <= nodes).toList();
    }
}
