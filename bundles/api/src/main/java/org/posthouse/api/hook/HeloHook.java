// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import org.posthouse.api.Session;
import org.posthouse.api.Verdict;

/** Asked at each HELO or EHLO; may answer Continue, Reject, Defer or Disconnect, and withdraw extensions. */
@FunctionalInterface
public interface HeloHook {
    /** Judges the greeting; {@link Session#helo()} has the name. */
    Verdict onHelo(Session session);
}
