// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.health;

import org.posthouse.api.operator.HealthCheck.Finding;
import org.posthouse.api.operator.HealthCheck.Level;
import org.posthouse.telemetry.spi.HealthSource;

/** A part whose health a plugin's check tells. Never dead: the process is not restarted because a plugin says so. */
final class CheckedPart implements HealthSource {
    private final String name;
    private volatile CheckWatch watch;

    CheckedPart(String name, CheckWatch watch) {
        this.name = name;
        this.watch = watch;
    }

    void follow(CheckWatch newest) {
        watch = newest;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Health health() {
        Finding finding = watch.finding();
        return new Health(true, finding.level() != Level.CRITICAL, finding.detail());
    }
}
