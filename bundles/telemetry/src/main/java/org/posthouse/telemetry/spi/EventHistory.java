// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.spi;

import java.io.IOException;
import org.posthouse.api.service.Events;

/** The events that are in the log, as far back as it is kept. */
public interface EventHistory {
    /**
     * The events behind a cursor; what {@link Events#read(String, int)} says.
     *
     * @throws IllegalArgumentException when the cursor is none of ours
     * @throws IOException when the log can not be read
     */
    Events.Page read(String cursor, int most) throws IOException;
}
