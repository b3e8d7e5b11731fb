// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.IOException;

/** A milter sent what the protocol does not know. */
final class MalformedAnswer extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedAnswer(String message) {
        super(message);
    }
}
