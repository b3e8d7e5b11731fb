// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Conversation;

/** LOGIN (draft-murchison-sasl-login): user name, then password; obsolete, and all that some devices know. */
final class Login implements Mechanism {
    static final String NAME = "LOGIN";

    private final Question question;
    private @Nullable String user;

    Login(Conversation conversation) {
        this.question = new Question(conversation);
    }

    @Override
    public byte[] begin() {
        return "Username:".getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public Step respond(byte[] response) {
        try {
            String known = user;
            if (known == null) {
                user = Prepared.user(response);
                return new Step.Challenge("Password:".getBytes(StandardCharsets.US_ASCII));
            }
            return question.ask(known, Prepared.password(response));
        } catch (SaslFault e) {
            return new Step.Malformed(String.valueOf(e.getMessage()));
        }
    }
}
