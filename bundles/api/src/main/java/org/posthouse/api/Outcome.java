// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

/**
 * How the handing over of one recipient ended.
 *
 * @param reply the reply that decided it: 2yz delivered, 4yz try again, 5yz failed
 * @param host who said it, or empty when nobody was reached
 * @param tls protocol and cipher, or empty
 * @param notifies whether the next hop took over the duty of success notices (RFC 3461 5.2.1)
 */
public record Outcome(Reply reply, String host, String tls, boolean notifies) {}
