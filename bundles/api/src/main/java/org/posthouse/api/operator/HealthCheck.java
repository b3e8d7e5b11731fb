// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.operator;

/** A health check that a plugin brings; shown at {@code /health} and {@code /ready} and in the console. */
public interface HealthCheck {
    /** The name of the part, lower case with hyphens; by convention the name of the plugin. */
    String name();

    /** How it is now. Asked every few seconds on a virtual thread; no answer within 5 s is {@link Level#WARN}. */
    Finding check();

    /**
     * What a check found.
     *
     * @param level how it is
     * @param detail one sentence, or empty when all is well
     */
    record Finding(Level level, String detail) {
        /** All is well. */
        public static final Finding OK = new Finding(Level.OK, "");
    }

    /** How a part is. */
    enum Level {
        /** All is well. */
        OK,
        /** Something needs attention; mail is taken. */
        WARN,
        /** Mail should not be sent here: {@code /ready} is red. */
        CRITICAL
    }
}
