// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A connection that was kept open turned out to be closed by the other side before anything was said: try a new one. */
public final class StaleLink extends IOException {
    private static final long serialVersionUID = 1L;

    public StaleLink(@Nullable IOException cause) {
        super("The kept connection was closed by the other side", cause);
    }
}
