// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.net.InetSocketAddress;

/**
 * Who is connected; needs {@link Need#PEER}.
 *
 * @param address the address of the client, from the PROXY header where the listener takes one
 * @param local the address it connected to
 * @param tls the protocol and cipher such as {@code TLSv1.3 TLS_AES_256_GCM_SHA384}, or empty in clear
 * @param user the authenticated identity, or empty
 */
public record Peer(InetSocketAddress address, InetSocketAddress local, String tls, String user) {}
