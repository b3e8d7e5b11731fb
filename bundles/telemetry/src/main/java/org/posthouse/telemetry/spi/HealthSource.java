// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.spi;

/** A part whose health decides {@code /ready}; registered as a service by the part that owns it. */
public interface HealthSource {
    /** The name of the part, in lower case. */
    String name();

    /** How it is now; cheap, never blocks. */
    Health health();

    /**
     * How a part is.
     *
     * @param alive whether the process should go on ({@code /health})
     * @param ready whether mail may be sent here ({@code /ready})
     * @param detail one sentence, or empty when all is well
     */
    record Health(boolean alive, boolean ready, String detail) {
        /** All is well. */
        public static final Health GOOD = new Health(true, true, "");
    }
}
