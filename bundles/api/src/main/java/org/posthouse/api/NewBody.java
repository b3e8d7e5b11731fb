// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.io.OutputStream;
import org.osgi.annotation.versioning.ProviderType;

/** A body being written to disk by a hook. Provided by the core; thrown away unless handed over as an edit. */
@ProviderType
public interface NewBody {
    /** Where the body is written: CRLF line ends, without the header block. Close it before handing the body over. */
    OutputStream stream();

    /** Octets written so far. */
    long size();
}
