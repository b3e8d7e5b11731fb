// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.operator;

/** A command could not be done. The message says why and what to do, in a sentence for the operator. */
public final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    public CommandException(String message) {
        super(message);
    }
}
