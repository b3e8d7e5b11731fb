// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

/** The stages of the pipeline in the order in which a message meets them. */
public enum Stage {
    CONNECT,
    HELO,
    /** Asked of {@link org.posthouse.api.hook.Authenticator}s, only when the client says AUTH. */
    AUTH,
    MAIL,
    RCPT,
    DATA,
    QUEUE,
    DELIVER
}
