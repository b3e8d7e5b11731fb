// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

import org.posthouse.api.hook.Authenticator.Answer;

/** What follows a response of the client. */
public sealed interface Step {
    /** The exchange goes on with this challenge. */
    record Challenge(byte[] octets) implements Step {}

    /**
     * The exchange is over.
     *
     * @param user the name that the client gave, or empty when it was not understood
     * @param answer what the authenticators said
     */
    record Done(String user, Answer answer) implements Step {}

    /** The response is not what the mechanism asks for; nobody was asked. The reason holds nothing of the response. */
    record Malformed(String reason) implements Step {}
}
