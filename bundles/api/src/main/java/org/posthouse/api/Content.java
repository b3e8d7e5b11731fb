// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.io.IOException;
import java.io.InputStream;
import org.osgi.annotation.versioning.ProviderType;

/** Octets of a message that can be read again and again, streamed and never whole in memory. */
@ProviderType
public interface Content {
    /** How many octets {@link #open()} gives. */
    long size();

    /**
     * Opens the octets from the first one; CRLF line ends, dots not stuffed.
     *
     * @throws IOException when the disk fails; the asked transaction is then deferred
     */
    InputStream open() throws IOException;
}
