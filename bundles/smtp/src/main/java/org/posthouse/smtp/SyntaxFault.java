// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

/** A command can not be read; carries what the client is told. */
final class SyntaxFault extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Answer answer;

    SyntaxFault(int code, String enhanced, String text) {
        super(text, null, false, false);
        this.answer = Answer.of(code, enhanced, text);
    }

    Answer answer() {
        return answer;
    }
}
