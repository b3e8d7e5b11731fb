// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A message from a file: the header block without its empty line, and what comes behind that. Files end lines as their
 * system does, SMTP with CRLF alone (RFC 5321 2.3.8), so every LF gets its CR.
 */
record Eml(String head, byte[] body) {
    static final long LARGEST = 16L * 1024 * 1024;

    static Eml read(Path file) throws IOException {
        return parse(Files.readAllBytes(file));
    }

    static Eml parse(byte[] octets) {
        byte[] message = withCrlf(octets);
        for (int at = 0; at < message.length; at = endOfLine(message, at)) {
            if (message[at] == '\r' && at + 1 < message.length && message[at + 1] == '\n') {
                return of(message, at, at + 2);
            }
        }
        return of(message, message.length, message.length);
    }

    private static Eml of(byte[] message, int endOfHead, int body) {
        byte[] behind = new byte[message.length - body];
        System.arraycopy(message, body, behind, 0, behind.length);
        return new Eml(new String(message, 0, endOfHead, StandardCharsets.ISO_8859_1), behind);
    }

    private static int endOfLine(byte[] message, int from) {
        int at = from;
        while (at < message.length && message[at] != '\n') {
            at++;
        }
        return at + 1;
    }

    private static byte[] withCrlf(byte[] octets) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(octets.length + 1024);
        byte before = 0;
        for (byte octet : octets) {
            if (octet == '\n' && before != '\r') {
                out.write('\r');
            }
            out.write(octet);
            before = octet;
        }
        return out.toByteArray();
    }
}
