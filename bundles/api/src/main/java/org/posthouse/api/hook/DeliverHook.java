// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import org.posthouse.api.Attempt;
import org.posthouse.api.Reply;
import org.posthouse.api.Verdict;

/** Asked around each attempt to deliver; may answer Proceed, Delay, Fail, Hold or Reroute. */
@FunctionalInterface
public interface DeliverHook {
    /** Asked when a batch is about to be carried, before a connection is chosen. */
    Verdict.Delivery beforeAttempt(Attempt attempt);

    /** Asked when the connection stands, before MAIL. */
    default Verdict.Delivery onConnected(Attempt attempt) {
        return Verdict.Delivery.proceed();
    }

    /** Asked with the reply that decides the attempt. */
    default Verdict.Delivery onReply(Attempt attempt, Reply reply) {
        return Verdict.Delivery.proceed();
    }
}
