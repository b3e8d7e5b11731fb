// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool.spi;

import java.time.Instant;

/**
 * How far one recipient of a message is; a small record of its own, so that the progress of ten thousand recipients does
 * not rewrite ten thousand.
 *
 * @param recipient its number in the envelope, from 0
 * @param state the state
 * @param epoch raised by each takeover of the message by another node; 0 on the node that accepted it
 * @param sequence raised by each change
 * @param attempts attempts so far
 * @param due not tried before this time
 * @param reply the last reply as one line, or empty
 * @param host who gave it, or empty
 * @param changed when this was written
 */
public record Progress(
        int recipient,
        State state,
        long epoch,
        long sequence,
        int attempts,
        Instant due,
        String reply,
        String host,
        Instant changed) {
    /** A recipient before its first attempt. */
    public static Progress initial(int recipient, State state, Instant due) {
        return new Progress(recipient, state, 0, 0, 0, due, "", "", due);
    }

    /** The next record of this recipient in another state. */
    public Progress to(State next, Instant nextDue, String lastReply, String lastHost) {
        return new Progress(
                recipient, next, epoch, sequence + 1, attempts, nextDue, lastReply, lastHost, Instant.now());
    }

    /** The same with one more attempt. */
    public Progress attempted() {
        return new Progress(recipient, state, epoch, sequence, attempts + 1, due, reply, host, changed);
    }
}
