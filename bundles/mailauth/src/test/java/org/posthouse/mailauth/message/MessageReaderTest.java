// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.message;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Header;

final class MessageReaderTest {
    /** Gives this many octets at a time. */
    private static MessageReader reader(String text, int step) {
        return new MessageReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)) {
            @Override
            public synchronized int read(byte[] b, int off, int len) {
                return super.read(b, off, Math.min(len, step));
            }
        });
    }

    private static String body(MessageReader reader) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        reader.body(out::write);
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100_000})
    void readsFieldsAndBodyOctetForOctet(int step) throws IOException {
        String text = "A: 1\r\nB :2\r\n folded\r\n\tand again\r\nno field\r\n: empty\r\n\r\nbody \u00ff\r\n\r\nend";
        try (MessageReader reader = reader(text, step)) {
            assertEquals(
                    List.of(
                            new Header("A", "A: 1\r\n"),
                            new Header("B", "B :2\r\n folded\r\n\tand again\r\n"),
                            new Header("", "no field\r\n"),
                            new Header("", ": empty\r\n")),
                    reader.fields());
            assertEquals("body \u00ff\r\n\r\nend", body(reader));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"A: 1\r\n", "A: 1\r\n\r\n"})
    void readsWhatHasNoBody(String text) throws IOException {
        try (MessageReader reader = reader(text, 1)) {
            assertEquals(List.of(new Header("A", "A: 1\r\n")), reader.fields());
            assertEquals("", body(reader));
        }
    }

    @Test
    void readsWhatHasNoFields() throws IOException {
        try (MessageReader reader = reader("\r\nbody\r\n", 4)) {
            assertEquals(List.of(), reader.fields());
            assertEquals("body\r\n", body(reader));
        }
    }

    @Test
    void readsTheBodyWithoutBeingAskedForFields() throws IOException {
        try (MessageReader reader = reader("A: 1\r\n\r\nbody\r\n", 4)) {
            assertEquals("body\r\n", body(reader));
        }
    }

    @Test
    void doesNotTakeBareLineEndsForTheEnd() throws IOException {
        try (MessageReader reader = reader("A: 1\n\nB: 2\r\rC\r\n\r\nbody", 1)) {
            assertEquals(List.of(new Header("A", "A: 1\n\nB: 2\r\rC\r\n")), reader.fields());
        }
    }

    @Test
    void closesItsStream() throws IOException {
        boolean[] closed = {false};
        InputStream in = new ByteArrayInputStream(new byte[0]) {
            @Override
            public void close() {
                closed[0] = true;
            }
        };
        new MessageReader(in).close();
        assertEquals(true, closed[0]);
    }
}
