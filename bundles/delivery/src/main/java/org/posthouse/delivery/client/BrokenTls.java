// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;

/** STARTTLS was offered and failed; in clear it may work. */
final class BrokenTls extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenTls(IOException cause) {
        super("STARTTLS failed", cause);
    }
}
