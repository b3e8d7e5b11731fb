// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;

/** The octets of the message could not be read; the fault is ours, not the next hop's. */
public final class DamagedContent extends IOException {
    private static final long serialVersionUID = 1L;

    private final IOException damage;

    public DamagedContent(IOException damage) {
        super(damage);
        this.damage = damage;
    }

    /** Why it could not be read. */
    public IOException damage() {
        return damage;
    }
}
