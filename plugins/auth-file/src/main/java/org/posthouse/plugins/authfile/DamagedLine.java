// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

/** A line of the file that means no user. The message holds nothing secret. */
final class DamagedLine extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedLine(String message) {
        super(message, null, false, false);
    }
}
