// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.posthouse.api.Content;

/** Content that is a text. */
public record Words(byte[] octets) implements Content {
    public static Words of(String text) {
        return new Words(text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public long size() {
        return octets.length;
    }

    @Override
    public InputStream open() {
        return new ByteArrayInputStream(octets);
    }
}
