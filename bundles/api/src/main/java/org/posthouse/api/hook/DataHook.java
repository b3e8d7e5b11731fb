// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import java.io.IOException;
import org.posthouse.api.Headers;
import org.posthouse.api.Message;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;

/** Asked at the final dot with the whole message; may answer Continue, Reject, Defer, Disconnect, Discard or Hold. */
@FunctionalInterface
public interface DataHook {
    /**
     * Judges the message; the client waits for the reply to its final dot.
     *
     * @throws IOException when the octets can not be read or written; a failure of the hook like any other exception
     */
    Verdict onMessage(Transaction tx, Message message) throws IOException;

    /**
     * Asked as soon as the header block is in; a Reject is sent at the final dot and the rest is not kept.
     *
     * @return no opinion by default
     */
    default Verdict onHeaders(Transaction tx, Headers headers) {
        return Verdict.next();
    }
}
