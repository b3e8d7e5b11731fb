// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
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
        strike(1, Integer.getInteger("posthouse.faults.alone"));
    }

    @Test
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void threeThatAreACluster() throws Exception {
        Path feature = Path.of(System.getProperty("posthouse.home"), "features/posthouse-cluster.json");
        assumeTrue(Files.exists(feature), "the assembled server has no cluster");
        strike(3, Integer.getInteger("posthouse.faults"));
    }

    private void strike(int nodes, int faults) throws Exception {
        Optional<String> missing = Ground.missing();
        assumeTrue(missing.isEmpty(), missing.orElse(""));
        Campaign campaign = new Campaign();
        campaign.nodes = nodes;
        campaign.faults = faults;
        campaign.folder = folder;
        assertEquals(0, campaign.call());
    }
}
