// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;

/** The other side said something that is no SMTP reply; nothing it says after that can be trusted. */
public final class NotSmtp extends IOException {
    private static final long serialVersionUID = 1L;

    public NotSmtp(String message) {
        super(message);
    }
}
