// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.admin.spi.Offers;
import org.posthouse.admin.spi.Uploads;
import org.posthouse.admin.uploads.FolderUploads;
import org.posthouse.config.spi.Reload;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.pipeline.spi.Shadows;
import org.posthouse.pipeline.spi.Traces;
import org.posthouse.queue.spi.Queue;
import org.posthouse.telemetry.spi.ClusterReport;

/** All parts of a server that the API asks, as fakes. */
final class FakeParts {
    final FakeQueue queue = new FakeQueue();
    final FakePlugins plugins = new FakePlugins();
    final FakeTraces traces = new FakeTraces();
    final FakeShadows shadows = new FakeShadows();
    final FakeReplays replays = new FakeReplays();
    final FakeOffers offers = new FakeOffers();
    final Uploads uploads;

    /** What a reload finds. */
    List<String> findings = List.of();

    /** There only in a cluster. */
    @Nullable
    ClusterReport cluster;

    FakeParts(Path dataDir) throws IOException {
        uploads = new FolderUploads(dataDir, Clock.systemUTC());
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
                .with(ClusterReport.class, () -> cluster);
    }
}
