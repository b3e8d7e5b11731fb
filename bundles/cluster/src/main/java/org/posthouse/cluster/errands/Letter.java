// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.errands;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.telemetry.spi.Members;

/**
 * A request or a reply as it is written: the head in one piece, and the body as it is.
 *
 * @param head what is said of it
 * @param body its body, not copied
 */
record Letter(byte[] head, byte[] body) {
    /** The longest head: longer than any line that a web server takes. */
    static final int LONGEST_HEAD = 64 * 1024;

    private static final int SILENCE = 0;

    static Letter of(Members.Request request) {
        return new Letter(
                written(out -> {
                    text(out, request.method());
                    text(out, request.path());
                    out.writeInt(request.query().size());
                    for (Map.Entry<String, List<String>> parameter :
                            request.query().entrySet()) {
                        text(out, parameter.getKey());
                        out.writeInt(parameter.getValue().size());
                        for (String value : parameter.getValue()) {
                            text(out, value);
                        }
                    }
                    text(out, request.contentType());
                    text(out, request.peer());
                }),
                request.body());
    }

    static Letter of(Members.Reply reply) {
        return switch (reply) {
            case Members.Response response ->
                new Letter(
                        written(out -> {
                            out.writeInt(response.status());
                            text(out, response.contentType());
                        }),
                        response.body());
            case Members.Silence silence ->
                new Letter(
                        written(out -> {
                            out.writeInt(SILENCE);
                            text(out, silence.why());
                        }),
                        new byte[0]);
        };
    }

    /**
     * The request that this is.
     *
     * @throws IOException when it is none
     */
    Members.Request request() throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(head));
        String method = text(in);
        String path = text(in);
        Map<String, List<String>> query = new LinkedHashMap<>();
        for (int left = count(in); left > 0; left--) {
            String name = text(in);
            List<String> values = new ArrayList<>();
            for (int more = count(in); more > 0; more--) {
                values.add(text(in));
            }
            query.put(name, List.copyOf(values));
        }
        return new Members.Request(method, path, query, text(in), body, text(in));
    }

    /**
     * The reply that this is.
     *
     * @throws IOException when it is none
     */
    Members.Reply reply() throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(head));
        int status = in.readInt();
        String text = text(in);
        return status == SILENCE ? new Members.Silence(text) : new Members.Response(status, text, body);
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] written(Writing writing) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(octets.length);
        out.write(octets);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(count(in)), StandardCharsets.UTF_8);
    }

    /** Never more than there are octets: each thing that is counted takes one. */
    private static int count(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > in.available()) {
            throw new IOException("a count of " + count + " with " + in.available() + " octets left");
        }
        return count;
    }
}
