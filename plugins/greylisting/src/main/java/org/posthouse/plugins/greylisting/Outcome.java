// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.util.Locale;

/** How a recipient came out, as it is counted. */
enum Outcome {
    /** Seen for the first time: deferred. */
    FRESH("deferred, seen for the first time"),
    /** Tried again too soon: deferred. */
    EARLY("deferred, tried again too soon"),
    /** Too many new ones from one client: deferred, and not remembered. */
    CROWDED("deferred, not remembered: too many new ones from one client"),
    /** Too many new ones from one network of clients: deferred, and not remembered. */
    FLOODED("deferred, not remembered: too many new ones from one network"),
    /** Tried again in time: passed. */
    RETRIED("passed, tried again in time"),
    /** Passed before. */
    KNOWN("passed, known"),
    /** Not asked, since enough of the client's messages passed. */
    CLIENT("passed, the client earned it"),
    /** Not asked, since an operator or a check of another hook spares it. */
    EXEMPT("passed, exempt");

    private final String words;

    Outcome(String words) {
        this.words = words;
    }

    /** For metrics and keys. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** For people. */
    String words() {
        return words;
    }
}
