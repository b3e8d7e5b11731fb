// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool.spi;

import java.util.Map;
import org.posthouse.api.Content;

/** Messages on their way to another node: envelopes as octets, and bodies by their ids. All methods block. */
public interface Copies {
    /** The envelope for another node; its id goes beside it. */
    byte[] octets(Envelope envelope);

    /**
     * The envelope that another node wrote, with the body as it lies here.
     *
     * @param arrived what the drafts of bodies say of them that this spool does not have yet
     * @throws SpoolException when the octets are none of an envelope, or its bodies are not here
     */
    Envelope envelope(MessageId id, byte[] octets, Map<MessageId, Envelope.BodyRef> arrived) throws SpoolException;

    /** The octets that the message needs, as they were received, by the ids under which they are kept. */
    Map<MessageId, Content> bodies(Envelope envelope);

    /** Whether this spool has these octets. */
    boolean has(MessageId body) throws SpoolException;
}
