// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

/** What a hook must declare before the core hands it over; shown to the operator before a plugin is installed. */
public enum Need {
    /** May vote to accept a recipient. */
    ACCEPT,
    /** Reads the body of the message, not its headers alone. */
    BODY,
    /** Reads the address of the client, its TLS facts and its user. */
    PEER,
    /** Sees secrets: passwords and tokens of clients. */
    SECRETS,
    /** Adds, changes or removes header fields. */
    EDIT_HEADERS,
    /** Replaces the body. */
    EDIT_BODY,
    /** Changes the reverse-path. */
    EDIT_SENDER,
    /** Adds, removes or replaces recipients, or splits the envelope. */
    EDIT_RECIPIENTS,
    /** Changes zone, tenant, priority, due time or tags. */
    EDIT_ROUTING,
    /** Uses the network beyond {@code Dns}. */
    NETWORK
}
