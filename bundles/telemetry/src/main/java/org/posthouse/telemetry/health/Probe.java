// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.health;

import java.util.Collection;
import java.util.TreeMap;
import org.posthouse.telemetry.Json;
import org.posthouse.telemetry.spi.HealthSource;
import org.posthouse.telemetry.spi.HealthSource.Health;

/** The answers to {@code /health} and {@code /ready}. */
final class Probe {
    private Probe() {}

    /** Whether the process should go on. */
    static Page health(Collection<HealthSource> sources) {
        return page(sources, false);
    }

    /** Whether mail may be sent here; not before some part says so. */
    static Page ready(Collection<HealthSource> sources) {
        return page(sources, true);
    }

    private static Page page(Collection<HealthSource> sources, boolean ready) {
        TreeMap<String, Health> parts = new TreeMap<>();
        sources.forEach(source -> parts.merge(source.name(), ask(source), Probe::worse));
        boolean good = !(ready && parts.isEmpty())
                && parts.values().stream().allMatch(health -> ready ? health.ready() : health.alive());
        StringBuilder json =
                new StringBuilder("{\"status\":\"").append(good ? "up" : "down").append("\",\"parts\":{");
        parts.forEach((name, health) -> {
            Json.name(json, name)
                    .append("{\"alive\":")
                    .append(health.alive())
                    .append(",\"ready\":")
                    .append(health.ready())
                    .append(",\"detail\":");
            Json.quote(json, health.detail());
            json.append('}');
        });
        return new Page(
                good ? 200 : 503, "application/json", json.append("}}\n").toString());
    }

    private static Health ask(HealthSource source) {
        try {
            return source.health();
        } catch (RuntimeException e) {
            // Unknown is not ready, but no reason to kill the process.
            return new Health(true, false, "could not be asked: " + e);
        }
    }

    /** Two parts of one name: both must be well. */
    private static Health worse(Health one, Health other) {
        String detail = one.detail().isEmpty() ? other.detail() : one.detail();
        return new Health(one.alive() && other.alive(), one.ready() && other.ready(), detail);
    }

    /** An answer over HTTP. */
    record Page(int status, String type, String body) {}
}
