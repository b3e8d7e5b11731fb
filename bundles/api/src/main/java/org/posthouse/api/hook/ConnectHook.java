// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import org.posthouse.api.Session;
import org.posthouse.api.Verdict;

/**
 * Asked before the banner, once per connection, on a fresh virtual thread; blocking is fine.
 *
 * <p>May answer Continue, Reject, Defer or Disconnect. A refusal is sent in place of the banner (RFC 5321 3.1: 554).
 */
@FunctionalInterface
public interface ConnectHook {
    /** Judges a new connection. */
    Verdict onConnect(Session session);
}
