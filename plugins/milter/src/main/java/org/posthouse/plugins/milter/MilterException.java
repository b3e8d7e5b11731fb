// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.IOException;

/** A milter can not be reached, gives no answer in time, or says what makes no sense. */
final class MilterException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean gone;

    /** A failure with its cause; {@code gone} says that the connection was ended, as by a milter that was restarted. */
    MilterException(String message, Throwable cause, boolean gone) {
        super(message, cause);
        this.gone = gone;
    }

    MilterException(String message) {
        super(message);
        this.gone = false;
    }

    /** What happened, for log and trace. */
    String reason() {
        return String.valueOf(getMessage());
    }

    /** Whether a new connection might do, for nothing says that the milter is slow or broken. */
    boolean gone() {
        return gone;
    }
}
