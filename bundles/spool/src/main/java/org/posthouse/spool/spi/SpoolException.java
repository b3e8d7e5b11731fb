// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool.spi;

import java.io.IOException;

/** The spool could not do what was asked. */
public final class SpoolException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Kind {
        /** Not enough space: answer 452. */
        FULL,
        /** The disk or the store fails: answer 421. */
        SICK,
        /** One record is damaged: set it aside. */
        DAMAGED
    }

    private final Kind kind;

    public SpoolException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public SpoolException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** What is wrong. */
    public Kind kind() {
        return kind;
    }
}
