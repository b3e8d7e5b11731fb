// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit;

import java.util.List;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;

/** A header block as a hook sees it. */
public record FakeHeaders(List<Header> all) implements Headers {
    public FakeHeaders {
        all = List.copyOf(all);
    }

    /** One field for each text such as {@code Subject: hello}, from top to bottom; folding is kept. */
    public static FakeHeaders of(String... fields) {
        return new FakeHeaders(List.of(fields).stream()
                .map(field -> new Header(field.substring(0, colon(field)).stripTrailing(), field + "\r\n"))
                .toList());
    }

    private static int colon(String field) {
        int colon = field.indexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("no header field: " + field);
        }
        return colon;
    }

    /** The block without its empty line. */
    public String text() {
        StringBuilder text = new StringBuilder();
        all.forEach(header -> text.append(header.raw()));
        return text.toString();
    }
}
