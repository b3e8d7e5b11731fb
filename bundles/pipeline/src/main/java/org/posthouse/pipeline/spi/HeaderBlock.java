// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.util.ArrayList;
import java.util.List;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;

/** The header fields of a message, octets kept (ISO 8859-1), line ends CRLF. */
public record HeaderBlock(List<Header> all) implements Headers {
    public HeaderBlock {
        all = List.copyOf(all);
    }

    /** Splits a header block without its empty line into fields; a line that is no field stays with the one before it. */
    public static HeaderBlock parse(String block) {
        List<Header> fields = new ArrayList<>();
        int start = 0;
        while (start < block.length()) {
            int end = endOfField(block, start);
            String raw = block.substring(start, end);
            int colon = raw.indexOf(':');
            fields.add(new Header(colon < 0 ? "" : raw.substring(0, colon).stripTrailing(), raw));
            start = end;
        }
        return new HeaderBlock(fields);
    }

    private static int endOfField(String block, int start) {
        int at = start;
        while (true) {
            int lineEnd = block.indexOf("\r\n", at);
            if (lineEnd < 0) {
                return block.length();
            }
            at = lineEnd + 2;
            if (at >= block.length() || (block.charAt(at) != ' ' && block.charAt(at) != '\t')) {
                return at;
            }
        }
    }

    /** The block again, octet for octet. */
    public String text() {
        StringBuilder out = new StringBuilder();
        all.forEach(h -> out.append(h.raw()));
        return out.toString();
    }
}
