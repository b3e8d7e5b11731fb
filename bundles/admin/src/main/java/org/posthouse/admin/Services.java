// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.spi.Reload;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.queue.spi.Queue;

/** The parts that the API asks; each may come late or go for a while, which is a 503. */
final class Services {
    private final Supplier<@Nullable Queue> queue;
    private final Supplier<@Nullable Plugins> plugins;
    private final Supplier<@Nullable Reload> reload;

    Services(Supplier<@Nullable Queue> queue, Supplier<@Nullable Plugins> plugins, Supplier<@Nullable Reload> reload) {
        this.queue = queue;
        this.plugins = plugins;
        this.reload = reload;
    }

    Queue queue() throws Problem {
        return present(queue.get(), "queue");
    }

    Plugins plugins() throws Problem {
        return present(plugins.get(), "pipeline");
    }

    Reload reload() throws Problem {
        return present(reload.get(), "configuration");
    }

    private static <T> T present(@Nullable T service, String name) throws Problem {
        if (service == null) {
            throw Problem.unavailable("The " + name + " is not running (yet)");
        }
        return service;
    }
}
