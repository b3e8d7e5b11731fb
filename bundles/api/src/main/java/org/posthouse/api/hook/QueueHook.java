// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import java.io.IOException;
import org.posthouse.api.Message;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;

/**
 * Asked once per message, and once per child of a split, before the commit; may answer Continue, Hold, Discard or
 * Defer.
 *
 * <p>Mail that the server made itself (delivery status notices, plugins' mail) is asked before its first dispatch;
 * Defer or a failure then asks again by the retry schedule.
 */
@FunctionalInterface
public interface QueueHook {
    /**
     * Chooses zone, tenant, priority and due time, edits headers, signs.
     *
     * @throws IOException when the octets can not be read or written; a failure of the hook like any other exception
     */
    Verdict onQueue(Transaction tx, Message message) throws IOException;
}
