// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** One try to hand recipients of a message over to a next hop, as deliver hooks see it. Provided by the core. */
@ProviderType
public interface Attempt {
    /** The id of the message. */
    String messageId();

    /** The route of this attempt. */
    Route route();

    /** The reverse-path of this attempt. */
    Address sender();

    /** The recipients of this attempt. */
    List<Recipient> recipients();

    /** How many attempts these recipients had before. */
    int attempts();

    /** The host that is connected, with its address; empty before the connection. */
    String host();

    /** The value of a note of message scope. */
    <T> java.util.Optional<T> get(Note<T> note);

    /** Stages a change of the sender or the headers of this attempt alone. */
    void edit(Edit edit);
}
