// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

/** The stages of the pipeline in the order in which a message meets them. */
public enum Stage {
    CONNECT,
    HELO,
    MAIL,
    RCPT,
    DATA,
    QUEUE,
    DELIVER
}
