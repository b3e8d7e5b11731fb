// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import org.posthouse.api.Reply;

/** No connection could be made: the reply that tells why, and the host that gave it or could not be reached. */
public final class Unreached extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Reply reply;
    private final String host;

    public Unreached(Reply reply, String host) {
        super(reply + (host.isEmpty() ? "" : " (" + host + ")"));
        this.reply = reply;
        this.host = host;
    }

    /** Why. */
    public Reply reply() {
        return reply;
    }

    /** Who said so, or could not be reached; empty when nobody was asked. */
    public String host() {
        return host;
    }
}
