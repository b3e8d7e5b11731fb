// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.BodyType;
import org.posthouse.api.Content;
import org.posthouse.api.Reply;

/** What a shipment needs of the other side, and what is done where it is not offered. */
final class Requirements {
    static final Reply NEEDS_UTF8 =
            new Reply(553, "5.6.7", "The address or header needs SMTPUTF8, which the host does not offer");

    private static final Reply NEEDS_EIGHT_BIT = new Reply(
            554, "5.6.3", "The message holds 8-bit octets that can not be converted, and the host takes none");
    private static final Reply NEEDS_BINARY =
            new Reply(554, "5.6.1", "The message is binary, and the host does not offer BINARYMIME");

    /** From this size on chunks are cheaper than looking for dots; below, they gain nothing: the round trips are equal. */
    private static final int CHUNKED_FROM = 64 * 1024;

    private static final int BLOCK = 64 * 1024;
    private static final int SMALL_BLOCK = 8 * 1024;

    private final Extensions extensions;
    private final Shipment shipment;
    private final MailCommands commands;
    private final boolean convert;
    private final boolean chunked;
    private @Nullable EightBitSurvey survey;

    Requirements(Link link, Shipment shipment) {
        this.extensions = link.extensions();
        this.shipment = shipment;
        // An alias or a hook may have put an international address where the client had none.
        boolean wantsUtf8 = addressNeedsUtf8() || (shipment.sender().smtpUtf8() && shipment.eightBit());
        this.commands = new MailCommands(extensions, shipment, wantsUtf8 && extensions.smtpUtf8());
        // What was declared 7BIT goes as it is, as it came.
        this.convert =
                shipment.eightBit() && shipment.sender().body() == BodyType.EIGHT_BIT && !extensions.eightBitMime();
        this.chunked = extensions.chunking() && (binary() || shipment.content().size() >= CHUNKED_FROM);
    }

    MailCommands commands() {
        return commands;
    }

    /** Whether the body is converted, so that what goes out is 7BIT. */
    boolean sevenBit() {
        return convert;
    }

    /** Whether BDAT is used. */
    boolean chunked() {
        return chunked;
    }

    boolean binary() {
        return shipment.sender().body() == BodyType.BINARY;
    }

    /** Why the transaction can not take place here at all, or null. */
    @Nullable
    Reply refusal() throws IOException {
        if (extensions.sizeLimit() > 0 && shipment.content().size() > extensions.sizeLimit()) {
            // RFC 1870 6.1: not even tried.
            return new Reply(
                    552,
                    "5.3.4",
                    "The message has " + shipment.content().size() + " octets, the host takes "
                            + extensions.sizeLimit());
        }
        if (binary() && !(extensions.binaryMime() && extensions.chunking())) {
            return NEEDS_BINARY;
        }
        if (senderNeedsUtf8() || (shipment.sender().smtpUtf8() && !extensions.smtpUtf8() && headerNeedsUtf8())) {
            return NEEDS_UTF8;
        }
        return convert && !surveyed().possible() ? NEEDS_EIGHT_BIT : null;
    }

    private boolean senderNeedsUtf8() {
        return commands.path(shipment.from()).isEmpty();
    }

    private boolean addressNeedsUtf8() {
        return shipment.from().international()
                || shipment.recipients().stream().anyMatch(r -> r.address().international());
    }

    private boolean headerNeedsUtf8() throws IOException {
        if (!shipment.eightBit()) {
            return false;
        }
        HeadScan scan = new HeadScan();
        byte[] block = new byte[SMALL_BLOCK];
        try (InputStream in = open(shipment.content())) {
            int n = 0;
            while (!scan.done() && n >= 0) {
                n = read(in, block);
                scan.take(block, Math.max(n, 0));
            }
        }
        return scan.international();
    }

    private EightBitSurvey surveyed() throws IOException {
        EightBitSurvey known = survey;
        if (known == null) {
            known = new EightBitSurvey();
            pump(new MimeWalk(known));
            survey = known;
        }
        return known;
    }

    /** The body, converted where it must be. */
    void stream(OctetSink sink, Wire wire) throws IOException {
        if (shipment.content().size() > BLOCK && !chunked) {
            wire.widen();
        }
        if (convert) {
            pump(new MimeWalk(new EightBitEncoder(surveyed(), sink)));
            sink.end();
        } else {
            pump(sink);
        }
    }

    private void pump(OctetSink sink) throws IOException {
        byte[] block = new byte[Math.clamp(shipment.content().size(), 1024, BLOCK)];
        try (InputStream in = open(shipment.content())) {
            int n = read(in, block);
            while (n >= 0) {
                sink.put(block, 0, n);
                n = read(in, block);
            }
        }
        sink.end();
    }

    private static InputStream open(Content content) throws DamagedContent {
        try {
            return content.open();
        } catch (IOException e) {
            throw new DamagedContent(e);
        }
    }

    private static int read(InputStream in, byte[] block) throws DamagedContent {
        try {
            return in.read(block, 0, block.length);
        } catch (IOException e) {
            throw new DamagedContent(e);
        }
    }
}
