// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A message of the load: each of its addresses tells of which letter it is, so that everything about it can be matched.
 *
 * @param id letters and digits, never used twice
 * @param good how many recipients the next hop takes: the first ones
 * @param bad how many it refuses for good: the rest
 */
record Letter(String id, int good, int bad) {
    int size() {
        return good + bad;
    }

    String sender() {
        return Mark.SENDER + "." + id + "@src.test";
    }

    String recipient(int index) {
        return (index < good ? Mark.GOOD : Mark.BAD) + "" + index + "." + id + "@dst.test";
    }

    List<String> recipients() {
        return IntStream.range(0, size()).mapToObj(this::recipient).toList();
    }
}
