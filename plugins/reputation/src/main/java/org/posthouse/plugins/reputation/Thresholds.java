// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import org.posthouse.api.Verdict;

/**
 * What a share of good events means.
 *
 * @param reject the share below which is refused, 0 for none
 * @param defer the share below which is refused for now, 0 for none
 * @param score the share below which scores, 0 for none
 * @param points what it scores
 * @param samples how many events must be known
 */
record Thresholds(double reject, double defer, double score, double points, int samples) {
    /** Whether anything comes of a bad reputation. */
    boolean judge() {
        return reject > 0 || defer > 0 || score > 0;
    }

    /** Whether enough is known. */
    boolean knows(Standing standing) {
        return standing.samples() >= samples;
    }

    boolean scores(double value) {
        return value < score;
    }

    Verdict verdict(double value) {
        if (value < reject) {
            return Verdict.reject("5.7.1", "Refused because of what came from your network or domain before");
        }
        if (value < defer) {
            return Verdict.defer("4.7.1", "Refused for now because of what came from your network or domain before");
        }
        return Verdict.next();
    }

    /** For log and trace. */
    String text(String name, Standing standing) {
        return name + " " + Standing.decimal(standing.value(), 2) + " of " + Standing.decimal(standing.samples(), 1)
                + (knows(standing) ? "" : " (too few)");
    }
}
