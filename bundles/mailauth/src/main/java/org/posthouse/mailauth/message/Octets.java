// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.message;

/** Takes octets as they come. */
@FunctionalInterface
public interface Octets {
    /** Takes {@code length} octets from {@code offset} on; they are the caller's again when it returns. */
    void take(byte[] octets, int offset, int length);
}
