// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

/** A reason not to start, worded for the operator: it is printed without a stack trace. */
final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message);
    }

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
