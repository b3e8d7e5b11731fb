// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.util.List;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;

/**
 * One transaction as the pipeline sees it: MAIL, RCPT…, headers, message, queue. Every call asks the hooks of one stage
 * and gives back one decision. Used by one thread at a time.
 */
public interface Turn extends AutoCloseable {
    /** The id of the message to be. */
    MessageId id();

    /** The sender as it stands now. */
    Sender sender();

    /** The recipients accepted so far, as they stand now. */
    List<Recipient> recipients();

    /** Asks the mail hooks. */
    Decision mail();

    /** Asks the recipient hooks; PROCEED adds the recipient. Closed by default: see {@link org.posthouse.api.hook.RcptHook}. */
    Decision rcpt(Recipient recipient);

    /** Asks {@code onHeaders} with the header block (octets as ISO 8859-1); a refusal is to be sent at the final dot. */
    Decision headers(String block);

    /**
     * Asks the data hooks about the whole message.
     *
     * @param draft the octets, finished
     * @param body what {@link Draft#finish()} said
     * @param trace header lines that the server puts on top, with CRLF
     */
    Decision message(Draft draft, Envelope.BodyRef body, String trace);

    /** Asks the queue hooks and gives back what is to be committed. Last call of a transaction that succeeds. */
    Sealed queue();

    /** The transaction is over, committed or not: its notes are closed, bodies nobody took are thrown away. */
    @Override
    void close();
}
