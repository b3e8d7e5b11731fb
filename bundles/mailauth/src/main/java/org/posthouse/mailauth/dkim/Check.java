// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

/**
 * How one signature of a message was found to be.
 *
 * @param claims whose it says that it is
 * @param result how the check ended
 * @param reason why, in a few words without what strangers wrote; empty when there is nothing to say
 * @param testing whether the key says that its domain is testing (RFC 6376 3.6.1)
 * @param unsigned how many octets at the end of the canonical body are not covered (tag l)
 */
public record Check(Claims claims, Result result, String reason, boolean testing, long unsigned) {
    static Check ended(Claims claims, UnusableException by) {
        return new Check(claims, by.result(), by.reason(), by.testing(), 0);
    }
}
