// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import org.posthouse.mailauth.message.Octets;

/** Takes a body as it is and hands on its canonical form; keeps counters alone, whatever the size. */
public interface CanonicalBody extends Octets {
    /** The body is at its end. */
    void end();
}
