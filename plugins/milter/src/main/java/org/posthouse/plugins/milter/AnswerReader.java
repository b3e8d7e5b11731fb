// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the packets of a milter from octets: a length of four octets, a letter, and what belongs to it.
 *
 * <p>Whatever the octets are, it gives back an answer, or throws {@link IOException}, and holds one packet of bounded length
 * at a time.
 */
final class AnswerReader {
    /** The longest packet. Sendmail's library sends 64 kB at most, others up to a megabyte of body. */
    static final int MOST_OCTETS = (1 << 20) + 64;

    private static final int MOST_MACROS = 256;
    private static final int LAST_STAGE = 6;

    private final DataInputStream in;

    AnswerReader(InputStream in) {
        this.in = new DataInputStream(in);
    }

    /**
     * The next answer.
     *
     * @throws EOFException when there is none any more
     * @throws MalformedAnswer when it is none
     */
    Answer next() throws IOException {
        int length = in.readInt();
        if (length < 1 || length > MOST_OCTETS) {
            throw new MalformedAnswer("a packet of " + Integer.toUnsignedString(length) + " octets");
        }
        int command = in.readUnsignedByte();
        // Grows as the octets come: a length alone takes no memory.
        byte[] data = in.readNBytes(length - 1);
        if (data.length < length - 1) {
            throw new EOFException("the packet ended after " + data.length + " of " + (length - 1) + " octets");
        }
        return parse(command, new Data(data));
    }

    private static Answer parse(int command, Data data) throws MalformedAnswer {
        return switch (command) {
            case 'O' -> new Answer.Negotiated(options(data));
            case 'c' -> data.then(new Answer.Continue());
            case 's' -> data.then(new Answer.Skip());
            case 'a' -> data.then(new Answer.Accept());
            case 'd' -> data.then(new Answer.Discard());
            case 'r' -> data.then(new Answer.Reject());
            case 't' -> data.then(new Answer.Tempfail());
            case 'p' -> data.then(new Answer.Progress());
            // SMFIR_SHUTDOWN and SMFIR_CONN_FAIL: for the client both are the end of the connection.
            case '4', 'f' -> data.then(new Answer.Shutdown());
            case 'y' -> new Answer.Refuse(ReplyText.parse(data.rest()));
            case 'h' -> data.then(new Answer.AddHeader(data.name(), data.text()));
            case 'i' -> data.then(new Answer.InsertHeader(data.index(), data.name(), data.text()));
            case 'm' -> data.then(new Answer.ChangeHeader(data.index(), data.name(), data.text()));
            case 'e' -> data.then(new Answer.ChangeSender(data.text(), data.textIfAny()));
            case '+' -> data.then(new Answer.AddRecipient(data.text(), ""));
            case '2' -> data.then(new Answer.AddRecipient(data.text(), data.textIfAny()));
            case '-' -> data.then(new Answer.RemoveRecipient(data.text()));
            case 'b' -> new Answer.ReplaceBody(data.rest());
            case 'q' -> data.then(new Answer.Quarantine(data.text()));
            default -> throw new MalformedAnswer("a packet of type " + command);
        };
    }

    private static Options options(Data data) throws MalformedAnswer {
        int version = data.number();
        int actions = data.number();
        int steps = data.number();
        Map<Integer, List<String>> macros = new HashMap<>();
        while (data.more()) {
            int stage = data.number();
            List<String> names = new ArrayList<>();
            for (String name : data.text().split("[ ,]+")) {
                if (!name.isEmpty()) {
                    names.add(name);
                }
            }
            if (stage < 0 || stage > LAST_STAGE || names.size() > MOST_MACROS) {
                throw new MalformedAnswer(names.size() + " macros for stage " + stage);
            }
            macros.put(stage, List.copyOf(names));
        }
        return new Options(version, actions, steps, macros);
    }

    /** What belongs to the letter of a packet, read from its beginning. */
    private static final class Data {
        private final byte[] octets;
        private int at;

        Data(byte[] octets) {
            this.octets = octets;
        }

        boolean more() {
            return at < octets.length;
        }

        /** This answer, when nothing is left. */
        Answer then(Answer answer) throws MalformedAnswer {
            if (more()) {
                throw new MalformedAnswer(octets.length - at + " octets too many behind "
                        + answer.getClass().getSimpleName());
            }
            return answer;
        }

        int number() throws MalformedAnswer {
            if (octets.length - at < Integer.BYTES) {
                throw new MalformedAnswer("a number is cut off");
            }
            int number = 0;
            for (int end = at + Integer.BYTES; at < end; at++) {
                number = number << 8 | octets[at] & 0xFF;
            }
            return number;
        }

        int index() throws MalformedAnswer {
            int index = number();
            if (index < 0) {
                throw new MalformedAnswer("a field at " + Integer.toUnsignedString(index));
            }
            return index;
        }

        /** A text up to its NUL, octets as ISO 8859-1. */
        String text() throws MalformedAnswer {
            for (int end = at; end < octets.length; end++) {
                if (octets[end] == 0) {
                    String text = new String(octets, at, end - at, StandardCharsets.ISO_8859_1);
                    at = end + 1;
                    return text;
                }
            }
            throw new MalformedAnswer("a text has no end");
        }

        String textIfAny() throws MalformedAnswer {
            return more() ? text() : "";
        }

        /** The name of a field (RFC 5322 3.6.8). */
        String name() throws MalformedAnswer {
            String name = text();
            if (name.isEmpty() || !name.chars().allMatch(c -> c > 32 && c < 127 && c != ':')) {
                throw new MalformedAnswer("no name of a field");
            }
            return name;
        }

        byte[] rest() {
            byte[] rest = at == 0 ? octets : Arrays.copyOfRange(octets, at, octets.length);
            at = octets.length;
            return rest;
        }
    }
}
