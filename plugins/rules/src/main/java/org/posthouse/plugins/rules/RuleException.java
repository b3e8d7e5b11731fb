// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

/** A text is no rule; the message says from which column on and what was expected there. */
final class RuleException extends Exception {
    private static final long serialVersionUID = 1L;

    RuleException(int column, String message) {
        super("column " + column + ": " + message);
    }
}
