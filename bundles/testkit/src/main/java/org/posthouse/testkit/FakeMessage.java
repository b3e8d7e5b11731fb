// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.posthouse.api.Content;
import org.posthouse.api.Headers;
import org.posthouse.api.Message;
import org.posthouse.api.Need;

/** A message as a hook sees it; its octets only with {@link Need#BODY}. */
public final class FakeMessage implements Message {
    private final FakeHeaders headers;
    private final byte[] octets;
    private final Declared declared;

    FakeMessage(FakeHeaders headers, String body, Declared declared) {
        this.headers = headers;
        this.octets = (headers.text() + "\r\n" + body).getBytes(StandardCharsets.UTF_8);
        this.declared = declared;
    }

    @Override
    public Headers headers() {
        return headers;
    }

    @Override
    public Content received() {
        declared.require(Need.BODY);
        return new Octets(octets);
    }

    @Override
    public Content current() {
        return received();
    }

    /** Octets in memory. */
    private record Octets(byte[] octets) implements Content {
        @Override
        public long size() {
            return octets.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(octets);
        }
    }
}
