// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import org.posthouse.api.Sender;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;

/** Asked at each MAIL; may answer Continue, Reject, Defer or Disconnect. */
@FunctionalInterface
public interface MailHook {
    /** Judges the reverse-path. */
    Verdict onMail(Transaction tx, Sender sender);
}
