// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** BDAT (RFC 3030): the message in chunks whose length is announced. */
final class Chunks {
    /** A refused chunk up to this size is read and thrown away; rather than read more, the connection is closed. */
    private static final long SWALLOW = 64L * 1024 * 1024;

    private static final byte[] CRLF = {'\r', '\n'};

    private final Transfer transfer;

    Chunks(Transfer transfer) {
        this.transfer = transfer;
    }

    /**
     * One BDAT command.
     *
     * @param length octets that follow
     * @param last whether the message ends with them
     */
    record Chunk(long length, boolean last) {
        /** Reads {@code length [LAST]}; null when it is none. */
        static @Nullable Chunk parse(@Nullable String argument) {
            if (argument == null) {
                return null;
            }
            String[] words = argument.split(" +", -1);
            boolean last = words.length == 2 && words[1].equalsIgnoreCase("LAST");
            if ((words.length != 1 && !last) || !words[0].matches("[0-9]{1,20}")) {
                return null;
            }
            try {
                return new Chunk(Long.parseLong(words[0]), last);
            } catch (NumberFormatException e) {
                return null;
            }
        }
    }

    /** Takes the command: an answer that says {@link Answer.Next#CHUNK} means that the octets follow now. */
    Answer bdat(Dialogue dialogue, @Nullable String argument) {
        if (!dialogue.offers("CHUNKING")) {
            return Answer.of(502, "5.5.1", "Not offered").thenClose();
        }
        // What follows can not be told from commands when the length is not known: the connection must end.
        Chunk chunk = Chunk.parse(argument);
        if (chunk == null) {
            return Answer.of(501, "5.5.4", "Syntax: BDAT length [LAST]").thenClose();
        }
        long limit = dialogue.settings().limits().messageSize();
        Answer early = Transfer.outOfPlace(dialogue.transaction());
        if (chunk.length() > SWALLOW && (early != null || (limit > 0 && chunk.length() > limit))) {
            return early != null ? early.thenClose() : Incoming.tooBig().thenClose();
        }
        return Answer.of(250, "2.0.0", "").then(Answer.Next.CHUNK);
    }

    /** Reads the octets of the chunk and answers it. */
    Answer receive(Dialogue dialogue, @Nullable String argument, Framer framer) throws IOException {
        Chunk chunk = Chunk.parse(argument);
        if (chunk == null) {
            throw new IllegalStateException("Not a chunk: " + argument);
        }
        long idle = dialogue.settings().timeouts().data();
        Dialogue.Transaction transaction = dialogue.transaction();
        Answer early = Transfer.outOfPlace(transaction);
        if (transaction == null || early != null) {
            framer.chunk(chunk.length(), (octets, offset, length) -> {}, idle);
            return early == null ? Answer.of(503, "5.5.1", "Say MAIL first") : early;
        }
        Incoming begun = transaction.incoming();
        Incoming incoming = begun == null ? transfer.open(dialogue, transaction) : begun;
        framer.chunk(chunk.length(), incoming.watched(), idle);
        return chunk.last() ? last(dialogue, transaction, incoming) : more(incoming, chunk);
    }

    private static Answer more(Incoming incoming, Chunk chunk) {
        Answer refusal = incoming.refusal();
        return refusal != null ? refusal : Answer.of(250, "2.0.0", chunk.length() + " octets");
    }

    private Answer last(Dialogue dialogue, Dialogue.Transaction transaction, Incoming incoming) {
        if (!incoming.lineEnds().clean()) {
            incoming.refuse(bareLineEnds());
        } else if (!incoming.lineEnds().atLineStart()) {
            // Without BINARYMIME a message is lines; whoever carries it on by DATA needs the last one ended.
            incoming.write(CRLF, 0, CRLF.length);
        }
        return transfer.finish(dialogue, transaction, incoming);
    }

    /** What is said to a message with a lone CR or LF. */
    static Answer bareLineEnds() {
        return Answer.of(550, "5.6.0", "Lines must end with CRLF, a lone CR or LF is not allowed");
    }
}
