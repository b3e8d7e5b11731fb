// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.time.Duration;

/** How long the client waits for what (RFC 5321 4.5.3.2). */
public record Timeouts(
        Duration connect,
        Duration greeting,
        Duration hello,
        Duration command,
        Duration dataStart,
        Duration dataBlock,
        Duration dataEnd,
        Duration quit) {
    /** The times of RFC 5321 4.5.3.2. */
    public static final Timeouts STANDARD = new Timeouts(
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(2),
            Duration.ofMinutes(3),
            Duration.ofMinutes(10),
            Duration.ofSeconds(2));
}
