// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

/** A reason not to start, worded for the operator: it is printed without a stack trace. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    StartException(String reason) {
        super(reason);
        this.reason = reason;
    }

    StartException(String reason, Throwable cause) {
        super(reason, cause);
        this.reason = reason;
    }

    /** What to print. */
    public String reason() {
        return reason;
    }
}
