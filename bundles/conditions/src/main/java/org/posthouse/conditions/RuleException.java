// SPDX-License-Identifier: Apache-2.0
package org.posthouse.conditions;

/** A text is no rule; the message says from which column on and what was expected there. */
public final class RuleException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Says what is wrong from a column on, counted from 1. */
    public RuleException(int column, String message) {
        super("column " + column + ": " + message);
    }
}
