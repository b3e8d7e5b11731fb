// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

/** A signature or its key can not be used. */
public final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Result result;
    private final boolean testing;

    /** Ends a check with this result, for a reason that is shown. */
    public UnusableException(Result result, String reason) {
        this(result, reason, false);
    }

    /** The same where there was a key, which says whether its domain is testing. */
    UnusableException(Result result, String reason, boolean testing) {
        super(reason, null, false, false);
        this.result = result;
        this.testing = testing;
    }

    /** How the check ends. */
    public Result result() {
        return result;
    }

    /** Whether the key says that its domain is testing (RFC 6376 3.6.1). */
    boolean testing() {
        return testing;
    }

    /** Why, in a few words without what strangers wrote. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
