// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.health;

import org.osgi.framework.Bundle;
import org.posthouse.telemetry.spi.HealthSource;

/** Whether all parts were started, and none is being stopped: before, those that would say no can not speak yet. */
final class Running implements HealthSource {
    private final Bundle framework;

    Running(Bundle framework) {
        this.framework = framework;
    }

    @Override
    public String name() {
        return "server";
    }

    @Override
    public Health health() {
        return switch (framework.getState()) {
            case Bundle.ACTIVE -> Health.GOOD;
            case Bundle.STOPPING -> new Health(true, false, "The server is stopping");
            default -> new Health(true, false, "The server is starting");
        };
    }
}
