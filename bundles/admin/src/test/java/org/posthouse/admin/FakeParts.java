// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.posthouse.admin.restart.Restarts;
import org.posthouse.admin.spi.CommonConfig;
import org.posthouse.admin.spi.Offers;
import org.posthouse.admin.spi.Rollouts;
import org.posthouse.admin.spi.Uploads;
import org.posthouse.admin.uploads.FolderUploads;
import org.posthouse.api.Event;
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

/** All parts of a server that the API asks, as fakes. */
final class FakeParts {
    final FakeQueue queue = new FakeQueue();
    final FakePlugins plugins = new FakePlugins();
    final FakeTraces traces = new FakeTraces();
    final FakeShadows shadows = new FakeShadows();
    final FakeReplays replays = new FakeReplays();
    final FakeOffers offers = new FakeOffers();
    final Uploads uploads;

    final FakeDrain drain = new FakeDrain();
    final List<String> wishes = new ArrayList<>();

    final FakeRollouts rollouts = new FakeRollouts();
    final FakeSharedFiles shared = new FakeSharedFiles();
    final List<Event> events = new CopyOnWriteArrayList<>();

    /** What changes the common files, in a cluster. */
    @Nullable
    CommonConfig common;

    /** What a reload finds. */
    List<String> findings = List.of();

    /** There only in a cluster. */
    private @Nullable ClusterReport cluster;

    /** There only in a cluster. */
    @Nullable
    Members members;

    FakeParts(Path dataDir) throws IOException {
        uploads = new FolderUploads(dataDir, Clock.systemUTC());
    }

    /** From now on this server is part of a cluster. */
    void joinCluster() {
        cluster = () -> new ClusterReport.Report(
                "mail",
                "a",
                true,
                true,
                2,
                2,
                "",
                List.of(
                        new ClusterReport.Member(
                                "a", "10.0.0.1:5701", false, true, ClusterReport.Condition.HEARD, 7, 0),
                        new ClusterReport.Member(
                                "w", "10.0.0.3:5701", true, false, ClusterReport.Condition.FENCED, 3, 11_000)),
                new ClusterReport.Mail(5, 4, 1, 9, 2, 3));
        common = new FakeCommonConfig();
    }

    Services services() {
        return new Services()
                .with(Queue.class, () -> queue)
                .with(Plugins.class, () -> plugins)
                .with(Reload.class, () -> () -> findings)
                .with(Traces.class, () -> traces)
                .with(Shadows.class, () -> shadows)
                .with(Replays.class, () -> replays)
                .with(Offers.class, () -> offers)
                .with(Uploads.class, () -> uploads)
                .with(ClusterReport.class, () -> cluster)
                .with(Members.class, () -> members)
                .with(Drain.class, () -> drain)
                .with(Restarts.class, () -> new Restarts(drain, () -> wishes.add("relaunch")))
                .with(Rollouts.class, () -> cluster == null ? null : rollouts)
                .with(CommonConfig.class, () -> common)
                .with(SharedFiles.class, () -> shared)
                .with(EventSink.class, () -> events::add);
    }
}
