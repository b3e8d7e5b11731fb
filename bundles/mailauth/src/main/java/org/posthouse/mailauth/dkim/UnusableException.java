// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

/** A signature or its key can not be used. */
public final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Result result;

    /** Ends a check with this result, for a reason that is shown. */
    public UnusableException(Result result, String reason) {
        super(reason, null, false, false);
        this.result = result;
    }

    /** How the check ends. */
    public Result result() {
        return result;
    }

    /** Why, in a few words without what strangers wrote. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
