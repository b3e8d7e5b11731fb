// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Duration;

/**
 * What the memory says of a triplet.
 *
 * @param outcome how it stands
 * @param pause how long it has to wait still; zero when it may pass
 * @param why the same in words, for log and trace
 */
record Answer(Outcome outcome, Duration pause, String why) {
    static Answer pass(Outcome outcome) {
        return new Answer(outcome, Duration.ZERO, outcome.words());
    }

    static Answer spare(String why) {
        return new Answer(Outcome.EXEMPT, Duration.ZERO, why);
    }

    static Answer wait(Outcome outcome, Duration pause) {
        return new Answer(outcome, pause, outcome.words());
    }

    boolean waits() {
        return !pause.isZero();
    }
}
