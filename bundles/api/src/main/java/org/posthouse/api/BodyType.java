// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

/** The BODY parameter of MAIL (RFC 6152, RFC 3030). */
public enum BodyType {
    SEVEN_BIT("7BIT"),
    EIGHT_BIT("8BITMIME"),
    BINARY("BINARYMIME");

    private final String keyword;

    BodyType(String keyword) {
        this.keyword = keyword;
    }

    /** The word used on the wire. */
    public String keyword() {
        return keyword;
    }
}
