// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import org.posthouse.spool.spi.Spool;
import org.posthouse.telemetry.spi.HealthSource;

/** What the health page says of the spool. */
final class SpoolHealth implements HealthSource {
    private final Spool spool;

    SpoolHealth(Spool spool) {
        this.spool = spool;
    }

    @Override
    public String name() {
        return "spool";
    }

    @Override
    public Health health() {
        Spool.Condition condition = spool.condition();
        int aside = spool.setAside().size();
        String losses = aside == 0 ? "" : aside + " damaged things were set aside, see the folder spool/aside";
        String detail = condition.reason().isEmpty() ? losses : condition.reason();
        return new Health(true, condition.accepting() && condition.working(), detail);
    }
}
