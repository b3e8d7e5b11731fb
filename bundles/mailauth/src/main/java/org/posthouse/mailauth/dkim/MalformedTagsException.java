// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

/** A list of tags can not be read. */
public final class MalformedTagsException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedTagsException(String message) {
        super(message, null, false, false);
    }
}
