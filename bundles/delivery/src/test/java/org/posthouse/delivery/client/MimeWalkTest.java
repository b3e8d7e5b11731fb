// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MimeWalkTest {
    private final List<String> delimiters = new ArrayList<>();
    private int lost;

    private final PartVisitor visitor = new PartVisitor() {
        @Override
        public void header(byte[] block, int length, PartHeader header, boolean signed) {}

        @Override
        public void leaf(byte[] octets, int length) {}

        @Override
        public void leafEnd() {}

        @Override
        public void between(byte[] octets, int length) {
            delimiters.add(new String(octets, 0, length, StandardCharsets.ISO_8859_1).strip());
        }

        @Override
        public void lost() {
            lost++;
        }
    };

    private void walk(String message) throws IOException {
        byte[] octets = message.getBytes(StandardCharsets.ISO_8859_1);
        MimeWalk walk = new MimeWalk(visitor);
        walk.put(octets, 0, octets.length);
        walk.end();
    }

    /** However deep a message is nested, so many delimiters are kept and compared with each line. */
    @Test
    void looksForFiftyDelimitersAtMost() throws IOException {
        StringBuilder message = new StringBuilder();
        for (int depth = 0; depth < 60; depth++) {
            message.append("Content-Type: multipart/mixed; boundary=b")
                    .append(depth)
                    .append("e\r\n\r\n");
            message.append("--b").append(depth).append("e\r\n");
        }
        walk(message + "--b55e--\r\n--b49e--\r\n");
        assertEquals(1, lost, "what is nested deeper is one part");
        assertEquals(51, delimiters.size());
        assertEquals("--b49e--", delimiters.getLast());
    }
}
