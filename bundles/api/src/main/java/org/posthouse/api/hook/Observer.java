// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import org.posthouse.api.Event;

/** Sees every event: asynchronous, bounded and lossy (losses are counted), so that it can never slow mail. */
@FunctionalInterface
public interface Observer {
    /** Called for each event, one at a time, on a thread of the core. */
    void onEvent(Event event);
}
