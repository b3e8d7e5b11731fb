// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

import java.util.Arrays;
import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.pipeline.spi.Conversation;

/** PLAIN (RFC 4616): one message of authorization identity, user name and password. */
final class Plain implements Mechanism {
    static final String NAME = "PLAIN";

    private final Question question;

    Plain(Conversation conversation) {
        this.question = new Question(conversation);
    }

    @Override
    public byte[] begin() {
        return new byte[0];
    }

    @Override
    public Step respond(byte[] response) {
        int first = nul(response, 0);
        int second = first < 0 ? -1 : nul(response, first + 1);
        if (second < 0 || nul(response, second + 1) >= 0) {
            return new Step.Malformed("Not a message of PLAIN");
        }
        try {
            String identity = Prepared.user(Arrays.copyOf(response, first));
            String user = Prepared.user(Arrays.copyOfRange(response, first + 1, second));
            String password = Prepared.password(Arrays.copyOfRange(response, second + 1, response.length));
            // RFC 4616 2: nobody may act as somebody else here.
            return identity.isEmpty() || identity.equals(user)
                    ? question.ask(user, password)
                    : new Step.Done(user, new Answer.Denied("wants to act as somebody else"));
        } catch (SaslFault e) {
            return new Step.Malformed(String.valueOf(e.getMessage()));
        }
    }

    private static int nul(byte[] octets, int from) {
        for (int i = from; i < octets.length; i++) {
            if (octets[i] == 0) {
                return i;
            }
        }
        return -1;
    }
}
