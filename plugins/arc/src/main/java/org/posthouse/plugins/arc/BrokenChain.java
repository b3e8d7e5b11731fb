// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import org.posthouse.mailauth.dkim.Result;
import org.posthouse.mailauth.dkim.UnusableException;

/** A chain is not valid. */
final class BrokenChain extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean temporary;

    BrokenChain(String reason) {
        super(reason, null, false, false);
        this.temporary = false;
    }

    /** Because a signature or its key can not be used. */
    BrokenChain(String what, UnusableException why) {
        super(what + ": " + why.reason(), null, false, false);
        this.temporary = why.result() == Result.TEMPERROR;
    }

    /** Why, in a few words without what strangers wrote. */
    String reason() {
        return String.valueOf(getMessage());
    }

    /** Whether it could have been valid at another time. */
    boolean temporary() {
        return temporary;
    }
}
