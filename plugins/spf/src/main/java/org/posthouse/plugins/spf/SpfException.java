// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

/** Ends a check with an error, however deep it stands among included records. */
final class SpfException extends Exception {
    private static final long serialVersionUID = 1;

    private final Result result;

    private SpfException(Result result, String why) {
        super(why, null, false, false);
        this.result = result;
    }

    /** What the domain publishes can not be understood, or asks for too much. */
    static SpfException permanent(String why) {
        return new SpfException(Result.PERMERROR, why);
    }

    /** It can not be told now. */
    static SpfException temporary(String why) {
        return new SpfException(Result.TEMPERROR, why);
    }

    Result result() {
        return result;
    }

    String why() {
        return String.valueOf(getMessage());
    }
}
