// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.scorepolicy;

import org.posthouse.api.Verdict;

/**
 * From which sum on which verdict is given. Of several that are reached the one with the highest threshold counts; of
 * equal ones reject, then discard, hold, defer.
 *
 * @param reject from here on refused; 0 is never, also of the others
 * @param discard from here on thrown away
 * @param hold from here on held
 * @param defer from here on refused for now
 * @param text what a refused client is told
 */
record Thresholds(double reject, double discard, double hold, double defer, String text) {
    Verdict judge(Sum sum, int top) {
        double highest = 0;
        for (double threshold : new double[] {reject, discard, hold, defer}) {
            highest = ScorePolicy.reached(sum, threshold) ? Math.max(highest, threshold) : highest;
        }
        if (highest == 0) {
            return Verdict.next();
        }
        String reason = "score " + sum.rounded() + ": " + sum.top(top);
        if (highest == reject) {
            return Verdict.reject("5.7.1", text).because(reason);
        }
        if (highest == discard) {
            return Verdict.discard().because(reason);
        }
        return highest == hold
                ? Verdict.hold(reason)
                : Verdict.defer("4.7.1", text).because(reason);
    }
}
