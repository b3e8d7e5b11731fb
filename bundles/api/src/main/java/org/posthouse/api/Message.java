// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import org.osgi.annotation.versioning.ProviderType;

/** A message at the data or queue stage; reading {@link #received()} or {@link #current()} needs {@link Need#BODY}. */
@ProviderType
public interface Message {
    /** The header fields with the edits so far. */
    Headers headers();

    /** What came in, octet for octet. */
    Content received();

    /** What would go out now: the edits so far applied. */
    Content current();
}
