// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.posthouse.testkit.server.SinkServer;

/** Makes messages whose body can be recognised by its hash. */
final class Letters {
    private Letters() {}

    /** A message ready for the wire, dots stuffed, without the final dot; and what its body must hash to. */
    record Letter(String id, byte[] wire, String bodySha256) {}

    static Letter random(String id, Random random, int about) {
        StringBuilder body = new StringBuilder();
        while (body.length() < about) {
            int kind = random.nextInt(12);
            if (kind == 0) {
                body.append('.');
            } else if (kind == 1) {
                body.append("..");
            }
            int length = kind == 2 ? 0 : random.nextInt(90);
            for (int i = 0; i < length; i++) {
                body.append((char) (32 + random.nextInt(95)));
            }
            body.append("\r\n");
        }
        String head = "From: <a@src.test>\r\nTo: <b@dst.test>\r\nSubject: " + id + "\r\nX-Letter: " + id
                + "\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <" + id + "@src.test>\r\n\r\n";
        String stuffed = (head + body).replace("\r\n.", "\r\n..");
        return new Letter(
                id,
                stuffed.getBytes(StandardCharsets.ISO_8859_1),
                HexFormat.of()
                        .formatHex(SinkServer.sha256().digest(body.toString().getBytes(StandardCharsets.ISO_8859_1))));
    }
}
