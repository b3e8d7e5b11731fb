// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The first faults of a campaign: nothing acknowledged is lost, nothing comes twice unsaid, nothing is stuck. */
class CampaignIT {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    @Test
    @Timeout(600)
    void oneServerAlone() throws Exception {
        strike(1, 7);
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
