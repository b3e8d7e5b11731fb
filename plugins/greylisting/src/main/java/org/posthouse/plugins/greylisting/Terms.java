// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.time.Duration;

/**
 * How long mail waits and is remembered.
 *
 * @param delay how long it must wait before it may pass; zero turns the greylist off
 * @param retryWindow how long a first attempt is remembered
 * @param lifetime how long what passed is remembered after its last use
 * @param autoAllow after how many passed messages a client is spared the wait; 0 is never
 */
record Terms(Duration delay, Duration retryWindow, Duration lifetime, int autoAllow) {
    Terms {
        if (!delay.isZero() && retryWindow.compareTo(delay) <= 0) {
            throw new IllegalArgumentException("retryWindow: must be longer than delay, or nothing ever passes");
        }
        if (lifetime.isZero()) {
            throw new IllegalArgumentException(
                    "lifetime: must be longer than 0s, or nothing that passed is remembered");
        }
    }

    static Terms of(Greylisting.Config config) {
        return new Terms(
                Duration.ofMillis(config.delay()),
                Duration.ofMillis(config.retryWindow()),
                Duration.ofMillis(config.lifetime()),
                config.autoAllow());
    }

    boolean off() {
        return delay.isZero();
    }
}
