// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

/** A domain has keys, and none of them can be used now. */
final class DamagedKeysException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedKeysException(String message) {
        super(message);
    }
}
