// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.posthouse.api.service.Events;
import org.posthouse.telemetry.spi.EventHistory;

/** The event log as plugins read it; each keeps its own cursor. */
@Component(service = Events.class)
public final class LoggedEvents implements Events {
    private static final int MOST = 10_000;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile @Nullable EventHistory history;

    @Override
    public Page read(String cursor, int most) {
        if (most < 1 || most > MOST) {
            throw new IllegalArgumentException("A page holds 1 to " + MOST + " events, not " + most);
        }
        EventHistory now = history;
        if (now == null) {
            throw new UncheckedIOException(new IOException("The event log is not open"));
        }
        try {
            return now.read(cursor, most);
        } catch (IOException e) {
            throw new UncheckedIOException("The event log can not be read now", e);
        }
    }
}
