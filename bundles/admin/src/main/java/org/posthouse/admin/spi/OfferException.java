// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.spi;

/** A command or page of a plugin did not do what was asked; the message says why, in a sentence for the operator. */
public final class OfferException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** Why it was not done. */
    public enum Kind {
        /** There is no such command or page. */
        UNKNOWN,
        /** An argument is missing, unknown or malformed. */
        ARGUMENTS,
        /** The plugin says that it can not be done. */
        REFUSED,
        /** The plugin failed. */
        FAILED,
        /** The plugin did not answer in time. */
        OVERDUE
    }

    public OfferException(Kind kind, String message) {
        // Without a cause: that could be a class of the plugin.
        super(message);
        this.kind = kind;
    }

    /** Why it was not done. */
    public Kind kind() {
        return kind;
    }
}
