// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The first faults of a campaign: nothing acknowledged is lost, nothing comes twice unsaid, nothing is stuck. */
class CampaignIT {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void oneServerAlone() throws Exception {
        // Not the clock: mail that waits for an hour that was there once already is for the campaign alone.
        strike(
                1,
                Integer.getInteger("posthouse.faults.alone"),
                List.of(Kind.KILL, Kind.DISK_FULL, Kind.PAUSE, Kind.DISK_FAILING, Kind.KILL_ALL));
    }

    @Test
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void threeThatAreACluster() throws Exception {
        Path feature = Path.of(System.getProperty("posthouse.home"), "features/posthouse-cluster.json");
        assumeTrue(Files.exists(feature), "the assembled server has no cluster");
        strike(
                3,
                Integer.getInteger("posthouse.faults"),
                List.of(
                        Kind.KILL,
                        Kind.REPLACE,
                        Kind.RETURN,
                        Kind.KILL_TWO,
                        Kind.KILL_ALL,
                        Kind.PAUSE,
                        Kind.CUT,
                        Kind.CUT_ONE_WAY,
                        Kind.FLAP,
                        Kind.DISK_FAILING));
    }

    private void strike(int nodes, int faults, List<Kind> kinds) throws Exception {
        assumeTrue(faults > 0, "no faults are asked for, see the properties of this module");
        Optional<String> missing = Ground.missing();
        assumeTrue(missing.isEmpty(), missing.orElse(""));
        Campaign campaign = new Campaign();
        campaign.nodes = nodes;
        campaign.faults = faults;
        campaign.kinds = kinds;
        campaign.folder = folder;
        assertEquals(0, campaign.call());
    }
}
