// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.HeaderBlock;

/** A header block as octets (ISO 8859-1), split into fields when somebody asks for them. */
final class Head {
    static final Head NONE = new Head("");

    private final String text;
    private volatile @Nullable HeaderBlock fields;

    Head(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    HeaderBlock fields() {
        HeaderBlock known = fields;
        if (known == null) {
            known = HeaderBlock.parse(text);
            fields = known;
        }
        return known;
    }
}
