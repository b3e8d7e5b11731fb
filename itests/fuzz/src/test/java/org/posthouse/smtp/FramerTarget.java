// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.posthouse.itests.fuzz.Claim;

/** Lines and message data: the same however the octets are cut, and what was stuffed comes back. */
public final class FramerTarget {
    private FramerTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        int whole = Math.max(1, data.length);
        for (int size : new int[] {1, 3, 17}) {
            Claim.same(lines(data, whole), lines(data, size));
            Claim.same(content(data, whole), content(data, size));
            Claim.same(lineEnds(data, whole), lineEnds(data, size));
        }
        roundTrip(new String(data, StandardCharsets.ISO_8859_1));
    }

    private static String lines(byte[] data, int size) throws IOException {
        Octets in = Pieces.of(data, size);
        Framer framer = new Framer(in);
        StringBuilder all = new StringBuilder();
        for (Framer.Line line = framer.line(60_000, 100); line != null; line = framer.line(60_000, 100)) {
            String text = new String(line.octets(), StandardCharsets.ISO_8859_1);
            Claim.that(text.indexOf('\r') < 0 && text.indexOf('\n') < 0, () -> "a line holds a line end");
            all.append(line.fault()).append(' ').append(text).append('\n');
            if (line.fault() == Framer.Fault.TLS || line.fault() == Framer.Fault.ENDLESS) {
                return all.append(Pieces.rest(in)).toString();
            }
        }
        return all.toString();
    }

    /** The content where it is clean; of other messages only where they end counts. */
    private static String content(byte[] data, int size) throws IOException {
        Octets in = Pieces.of(data, size);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            boolean clean = new Framer(in).data(out::write, 60_000);
            String text = clean ? out.toString(StandardCharsets.ISO_8859_1) : "not clean";
            Claim.that(clean || Pieces.rest(in).length() < data.length, () -> "nothing was read");
            return text + " then " + Pieces.rest(in);
        } catch (EOFException e) {
            return "not ended";
        }
    }

    private static String lineEnds(byte[] data, int size) {
        LineEnds ends = new LineEnds();
        for (int at = 0; at < data.length; at += size) {
            ends.watch(data, at, Math.min(data.length, at + size));
        }
        String text = new String(data, StandardCharsets.ISO_8859_1);
        String others = text.replace("\r\n", "");
        Claim.same(others.indexOf('\r') < 0 && others.indexOf('\n') < 0, ends.clean());
        return ends.clean() + " " + ends.atLineStart();
    }

    private static void roundTrip(String text) throws IOException {
        String message = text.replace('\r', ' ').replace("\n", "\r\n") + "\r\n";
        String stuffed = ("\r\n" + message).replace("\r\n.", "\r\n..").substring(2) + ".\r\nNEXT\r\n";
        Octets in = Pieces.of(stuffed.getBytes(StandardCharsets.ISO_8859_1), 7);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Claim.that(new Framer(in).data(out::write, 60_000), () -> "a clean message is not clean");
        Claim.same(message, out.toString(StandardCharsets.ISO_8859_1));
        Claim.same("NEXT\r\n", Pieces.rest(in));
    }
}
