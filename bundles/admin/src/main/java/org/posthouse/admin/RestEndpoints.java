// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.posthouse.admin.restart.Restarts;
import org.posthouse.queue.spi.Drain;

/** Bringing this server to rest, and starting servers anew. */
final class RestEndpoints {
    private static final int DRAIN_SECONDS = 60;
    private static final int BACK_SECONDS = 300;

    private final Services services;

    RestEndpoints(Services services) {
        this.services = services;
    }

    /** How far a drain is. */
    record DrainView(String phase, @Nullable String since, List<String> left) {
        static DrainView of(Drain.Progress progress) {
            return new DrainView(
                    progress.phase().name().toLowerCase(Locale.ROOT),
                    progress.since() == null ? null : progress.since().toString(),
                    progress.left());
        }
    }

    /** The body of a restart. */
    record Order(
            @JsonProperty("node") @Nullable String node,
            @JsonProperty("drainSeconds") @Nullable Integer drainSeconds,
            @JsonProperty("backSeconds") @Nullable Integer backSeconds) {}

    Response drain(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(DrainView.of(services.drain().progress()));
    }

    Response beginDrain(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        Json.read(request, Api.Nothing.class);
        return Json.ok(DrainView.of(services.drain().begin(request.peer())));
    }

    Response endDrain(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        Json.read(request, Api.Nothing.class);
        return Json.ok(DrainView.of(services.drain().end(request.peer())));
    }

    Response restarts(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(services.restarts().view());
    }

    Response restart(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        Order order = Json.read(request, Order.class);
        Restarts restarts = services.restarts();
        try {
            restarts.begin(
                    order.node(),
                    seconds(order.drainSeconds(), DRAIN_SECONDS),
                    seconds(order.backSeconds(), BACK_SECONDS),
                    request.peer());
        } catch (Restarts.Refused e) {
            throw Problem.conflict(String.valueOf(e.getMessage()));
        }
        return Json.ok(restarts.view());
    }

    private static Duration seconds(@Nullable Integer given, int otherwise) {
        return Duration.ofSeconds(given == null ? otherwise : given);
    }
}
