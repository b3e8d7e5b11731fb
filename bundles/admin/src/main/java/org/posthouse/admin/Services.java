// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.admin.restart.Restarts;
import org.posthouse.admin.spi.CommonConfig;
import org.posthouse.admin.spi.Offers;
import org.posthouse.admin.spi.Rollouts;
import org.posthouse.admin.spi.Uploads;
import org.posthouse.config.spi.Reload;
import org.posthouse.config.spi.SharedFiles;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.pipeline.spi.Shadows;
import org.posthouse.pipeline.spi.Traces;
import org.posthouse.queue.spi.Drain;
import org.posthouse.queue.spi.Queue;
import org.posthouse.telemetry.spi.ClusterReport;
import org.posthouse.telemetry.spi.EventSink;
import org.posthouse.telemetry.spi.Members;

/** The parts that the API asks; each may come late or go for a while, which is a 503. */
final class Services {
    private final Map<Class<?>, Supplier<? extends @Nullable Object>> parts = new HashMap<>();

    /** Adds a part. */
    <T> Services with(Class<T> type, Supplier<? extends @Nullable T> part) {
        parts.put(type, part);
        return this;
    }

    Queue queue() throws Problem {
        return present(Queue.class, "queue");
    }

    Plugins plugins() throws Problem {
        return present(Plugins.class, "pipeline");
    }

    Reload reload() throws Problem {
        return present(Reload.class, "configuration");
    }

    Traces traces() throws Problem {
        return present(Traces.class, "trace");
    }

    Shadows shadows() throws Problem {
        return present(Shadows.class, "shadow report");
    }

    Replays replays() throws Problem {
        return present(Replays.class, "replay");
    }

    Offers offers() throws Problem {
        return present(Offers.class, "table of commands");
    }

    Uploads uploads() throws Problem {
        return present(Uploads.class, "folder of uploads");
    }

    /** Only there where the server is part of a cluster, which it learns at its start. */
    ClusterReport cluster() throws Problem {
        return inCluster(ClusterReport.class);
    }

    private <T> T inCluster(Class<T> type) throws Problem {
        Supplier<? extends @Nullable Object> part = parts.get(type);
        Object service = part == null ? null : part.get();
        if (service == null) {
            throw Problem.notFound("This server is not part of a cluster: its configuration has no section cluster");
        }
        return type.cast(service);
    }

    /** Only there where the server is part of a cluster. */
    Rollouts rollouts() throws Problem {
        return inCluster(Rollouts.class);
    }

    /** Only there where the server is part of a cluster. */
    CommonConfig commonConfig() throws Problem {
        return inCluster(CommonConfig.class);
    }

    SharedFiles sharedFiles() throws Problem {
        return present(SharedFiles.class, "configuration");
    }

    EventSink events() throws Problem {
        return present(EventSink.class, "event log");
    }

    Drain drain() throws Problem {
        return present(Drain.class, "drain");
    }

    Restarts restarts() throws Problem {
        return present(Restarts.class, "restart");
    }

    /** The members of the cluster; nobody where the server is alone. */
    Optional<Members> members() {
        Supplier<? extends @Nullable Object> part = parts.get(Members.class);
        return Optional.ofNullable(part == null ? null : part.get()).map(Members.class::cast);
    }

    private <T> T present(Class<T> type, String name) throws Problem {
        Supplier<? extends @Nullable Object> part = parts.get(type);
        Object service = part == null ? null : part.get();
        if (service == null) {
            throw Problem.unavailable("The " + name + " is not running (yet)");
        }
        return type.cast(service);
    }
}
