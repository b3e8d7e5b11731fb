// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;

/**
 * Asked at each RCPT; may answer Continue, Accept, Reject, Defer or Disconnect.
 *
 * <p>RCPT is closed by default: without an Accept the answer is 550 5.7.1, unless the client is trusted or
 * authenticated.
 */
@FunctionalInterface
public interface RcptHook {
    /** Judges one forward-path. */
    Verdict onRcpt(Transaction tx, Recipient recipient);
}
