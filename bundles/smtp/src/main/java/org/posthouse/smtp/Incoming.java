// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.SpoolException;

/**
 * One message while its octets arrive: written to a draft until something is wrong with it. What is wrong is told at the
 * end; the octets until then are read and thrown away, for a reply amid the data would be taken for the final one.
 */
final class Incoming implements Framer.Sink, AutoCloseable {
    /** The header block is what hooks get in memory, so it is bounded. */
    private static final int HEAD_LIMIT = 1024 * 1024;

    private static final int END = 4;

    private final Draft draft;
    private final long limit;
    private final Function<String, @Nullable Answer> onHeaders;
    private final LineEnds lineEnds = new LineEnds();
    private long size;
    private @Nullable Answer refusal;
    private boolean told;
    private boolean taken;

    /** Where the scan for the empty line stands: how much of CRLF CRLF was just seen; {@link #END} when it was found. */
    private int seen = 2;

    private int headSize;

    /**
     * A message that arrives.
     *
     * @param draft where it goes
     * @param limit the most octets, 0 for no limit
     * @param onHeaders is given the header block when it is complete; may answer a refusal, which it has noted then
     */
    Incoming(Draft draft, long limit, Function<String, @Nullable Answer> onHeaders) {
        this.draft = draft;
        this.limit = limit;
        this.onHeaders = onHeaders;
    }

    @Override
    public void write(byte[] octets, int offset, int length) {
        size += length;
        if (refusal != null) {
            return;
        }
        if (exceeds(0)) {
            refuse(tooBig());
            return;
        }
        try {
            draft.write(octets, offset, length);
            if (seen < END) {
                watchHead(octets, offset, offset + length);
            }
        } catch (IOException e) {
            refuse(trouble(e));
        }
    }

    /** The same sink for octets whose line ends nobody has looked at yet. */
    Framer.Sink watched() {
        return (octets, offset, length) -> {
            lineEnds.watch(octets, offset, offset + length);
            write(octets, offset, length);
        };
    }

    LineEnds lineEnds() {
        return lineEnds;
    }

    private void watchHead(byte[] octets, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            boolean cr = octets[i] == '\r';
            boolean fits = (seen & 1) == 0 ? cr : octets[i] == '\n';
            headSize++;
            seen = fits ? seen + 1 : cr ? 1 : 0;
            if (seen == END) {
                headSize -= 2;
                headersIn();
                return;
            }
        }
        if (headSize > HEAD_LIMIT) {
            refuse(Answer.of(552, "5.3.4", "Header block too big"));
        }
    }

    /** The header block is complete. */
    private void headersIn() throws IOException {
        if (headSize > HEAD_LIMIT) {
            refuse(Answer.of(552, "5.3.4", "Header block too big"));
            return;
        }
        Answer answer = onHeaders.apply(head());
        if (answer != null) {
            told = refusal == null;
            refuse(answer);
        }
    }

    /** No more octets come; a message without an empty line is all header. */
    void end() {
        if (refusal == null && seen < END) {
            seen = END;
            try {
                headersIn();
            } catch (IOException e) {
                refuse(trouble(e));
            }
        }
    }

    /** The header block without the empty line, octets as ISO 8859-1. */
    private String head() throws IOException {
        try (InputStream in = draft.content().open()) {
            return new String(in.readNBytes(headSize), StandardCharsets.ISO_8859_1);
        }
    }

    /** Whether so many more octets would be too many. */
    boolean exceeds(long more) {
        return limit > 0 && (size > limit || more > limit - size);
    }

    static Answer tooBig() {
        return Answer.of(552, "5.3.4", "Message too big");
    }

    /** What to say when the spool fails; RFC 5321 4.2.3: 452 when full, 421 when it is better to come back. */
    static Answer trouble(IOException e) {
        if (e instanceof SpoolException s && s.kind() == SpoolException.Kind.FULL) {
            return Answer.of(452, "4.3.1", "Not enough space, try again later");
        }
        return Answer.of(421, "4.3.0", "Storage trouble, try again later").thenClose();
    }

    /** The message is refused: frees what is stored; the first refusal counts. */
    void refuse(Answer answer) {
        if (refusal == null) {
            refusal = answer;
            draft.close();
        }
    }

    @Nullable
    Answer refusal() {
        return refusal;
    }

    /** Whether the refusal stands in the event log already. */
    boolean told() {
        return told;
    }

    Draft draft() {
        return draft;
    }

    long size() {
        return size;
    }

    /** The spool has taken the draft. */
    void taken() {
        taken = true;
    }

    @Override
    public void close() {
        if (!taken) {
            draft.close();
        }
    }
}
