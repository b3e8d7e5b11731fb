// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.api.hook.Authenticator.Credentials;
import org.posthouse.pipeline.spi.Conversation;

/** Asks the authenticators of a conversation about a user name and a password. */
record Question(Conversation conversation) {
    Step.Done ask(String user, String password) {
        if (user.isEmpty() || password.isEmpty()) {
            // Some directories take an empty password for a question without one, and say yes (RFC 4513 5.1.2).
            return new Step.Done(user, new Answer.Denied("empty user name or password"));
        }
        return new Step.Done(user, conversation.authenticate(new Credentials.Password(user, password)));
    }
}
