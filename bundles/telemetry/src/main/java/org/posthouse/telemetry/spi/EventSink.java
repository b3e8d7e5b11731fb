// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.spi;

import org.posthouse.api.Event;

/** Takes events: written as one JSON line each and shown to observers. Never blocks and never fails. */
public interface EventSink {
    /** Takes an event. */
    void publish(Event event);
}
