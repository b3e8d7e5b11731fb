// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.List;
import java.util.Map;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Replays;

/** Raises a candidate plugin for a replay: all that a replay asks of the plugin house. */
public interface Candidates {
    /**
     * Raises a candidate beside whatever serves.
     *
     * @param candidate the plugin to try
     * @param order the places in force; the plugin's own are left out of the trial's
     * @throws Plugins.PluginException when it can not serve, and why
     */
    Trial raise(Replays.Candidate candidate, Map<org.posthouse.api.Stage, List<Place>> order)
            throws Plugins.PluginException;

    /** An order with a candidate in it; closed when the replay is over. */
    interface Trial extends AutoCloseable {
        /** The places of each stage in order. */
        Map<org.posthouse.api.Stage, List<Place>> order();

        @Override
        void close();
    }
}
