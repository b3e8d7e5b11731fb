// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Sends a body as chunks (RFC 3030); a few may be under way before their replies are waited for (RFC 2920). */
final class Chunks implements Outlet {
    private static final int CHUNK = 256 * 1024;
    private static final int MOST_UNDER_WAY = 8;

    private final Link link;
    private final int window;
    private final byte[] chunk = new byte[CHUNK];
    private int length;
    private int underWay;
    private boolean lastSent;
    private @Nullable Response refusal;

    Chunks(Link link) {
        this.link = link;
        this.window = link.extensions().pipelining() ? MOST_UNDER_WAY : 1;
    }

    @Override
    public void write(byte octet) throws IOException {
        if (length == CHUNK) {
            send("");
        }
        chunk[length++] = octet;
    }

    @Override
    public void write(byte[] octets, int offset, int count) throws IOException {
        int from = offset;
        int left = count;
        while (left > 0) {
            if (length == CHUNK) {
                send("");
            }
            int n = Math.min(left, CHUNK - length);
            System.arraycopy(octets, from, chunk, length, n);
            length += n;
            from += n;
            left -= n;
        }
    }

    /** A chunk that was refused, if one was; what is written after that goes nowhere. */
    @Nullable
    Response refusal() {
        return refusal;
    }

    /** Sends the rest, so that the word that makes it a message goes alone (RFC 3030 2: the last chunk may be empty). */
    void flush() throws IOException {
        if (length > 0) {
            send("");
        }
    }

    /** Sends the rest and the word that makes it a message, unless a chunk was refused; reads all replies but that to it. */
    void last() throws IOException {
        if (refusal == null) {
            send(" LAST");
            lastSent = true;
        }
        while (underWay > (lastSent ? 1 : 0)) {
            take();
        }
    }

    /** Whether the word was sent that makes it a message. */
    boolean lastSent() {
        return lastSent;
    }

    private void send(String last) throws IOException {
        if (refusal != null) {
            length = 0;
            return;
        }
        byte[] command = ("BDAT " + length + last + "\r\n").getBytes(StandardCharsets.US_ASCII);
        link.wire().write(command, 0, command.length);
        link.wire().write(chunk, 0, length);
        link.wire().flush();
        length = 0;
        underWay++;
        while (last.isEmpty() && underWay >= window && refusal == null) {
            take();
        }
    }

    private void take() throws IOException {
        underWay--;
        Response response = link.replies().read(link.timeouts().dataEnd());
        if (!response.positive() && refusal == null) {
            refusal = response;
        }
    }
}
