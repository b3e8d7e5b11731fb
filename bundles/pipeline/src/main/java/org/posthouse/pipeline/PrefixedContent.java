// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import org.posthouse.api.Content;

/**
 * Text in front of the octets of another content from an offset on; streamed.
 *
 * @param prefix octets as ISO 8859-1
 * @param rest the content behind
 * @param offset where it begins
 */
record PrefixedContent(String prefix, Content rest, long offset) implements Content {
    @Override
    public long size() {
        return prefix.length() + rest.size() - offset;
    }

    @Override
    public InputStream open() throws IOException {
        InputStream behind = rest.open();
        try {
            behind.skipNBytes(offset);
        } catch (IOException e) {
            behind.close();
            throw e;
        }
        return new SequenceInputStream(new ByteArrayInputStream(prefix.getBytes(StandardCharsets.ISO_8859_1)), behind);
    }
}
