// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.service;

import java.io.IOException;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.posthouse.api.Address;

/** A way for plugins to send mail of their own; it is committed unjudged and asked at the queue stage. */
@ProviderType
public interface Outbox {
    /**
     * Submits a message.
     *
     * @param sender the reverse-path, {@link Address#NULL} for notices
     * @param recipients at least one
     * @param message header block, empty line and body with CRLF line ends
     * @return the id of the message, once it is on stable storage
     * @throws IOException when it could not be kept
     */
    String submit(Address sender, List<Address> recipients, byte[] message) throws IOException;
}
