// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

/** Why the server did not do what was asked, worded for the operator. */
final class ApiException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    ApiException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /** What to print. */
    String reason() {
        return reason;
    }
}
