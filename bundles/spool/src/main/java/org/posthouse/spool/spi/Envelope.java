// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool.spi;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;

/**
 * All that is known of a message but its body and the progress of its recipients; written once, rewritten only by rare
 * events.
 *
 * @param id the identity
 * @param received when it was accepted
 * @param origin where it came from
 * @param sender the reverse-path with its parameters, edits applied
 * @param recipients the recipients; their position is their number
 * @param routing how it is to travel
 * @param trace header lines that the server puts on top (Received), with CRLF
 * @param head the header block that replaces the received one, without the empty line; empty when it is not edited
 * @param headEdited whether {@code head} replaces the received header block
 * @param body where the received octets are
 * @param notes notes of message scope
 * @param stamp ids of the configuration and the plugin generations that judged it
 */
public record Envelope(
        MessageId id,
        Instant received,
        Origin origin,
        Sender sender,
        List<Recipient> recipients,
        Routing routing,
        String trace,
        String head,
        boolean headEdited,
        BodyRef body,
        Map<String, Object> notes,
        String stamp) {
    public Envelope {
        recipients = List.copyOf(recipients);
        notes = Map.copyOf(notes);
    }

    /**
     * Where a message came from.
     *
     * @param session the id of the session
     * @param listener the listener, or {@code internal}
     * @param peer the address of the client, or empty
     * @param helo what HELO said
     * @param tls protocol and cipher, or empty
     * @param user the authenticated identity, or empty
     */
    public record Origin(String session, String listener, String peer, String helo, String tls, String user) {
        /** The origin of mail that the server made itself. */
        public static final Origin INTERNAL = new Origin("", "internal", "", "", "", "");
    }

    /**
     * How a message is to travel.
     *
     * @param tenant who it is accounted to, or empty
     * @param zone the sending zone, or empty for the default
     * @param priority -9 to 9
     * @param tags words that queue verbs can select by
     * @param holdReason why it is held, or empty
     */
    public record Routing(String tenant, String zone, int priority, List<String> tags, String holdReason) {
        /** Nothing special. */
        public static final Routing PLAIN = new Routing("", "", 0, List.of(), "");

        public Routing {
            tags = List.copyOf(tags);
        }
    }

    /**
     * Where the received octets are.
     *
     * @param owner the message under whose id they are stored (a split's children share their parent's)
     * @param file whether they are a file of their own
     * @param size how many octets
     * @param headLength octets of the header block, without the empty line
     * @param bodyOffset where the body behind the header block begins; {@code headLength} when there is no empty line
     * @param eightBit whether octets above 127 occur
     * @param checksum CRC32C of all octets
     * @param replacement id of a body written by a hook that stands for the received one from {@code bodyOffset} on, or empty
     */
    public record BodyRef(
            MessageId owner,
            boolean file,
            long size,
            int headLength,
            int bodyOffset,
            boolean eightBit,
            int checksum,
            String replacement) {}
}
