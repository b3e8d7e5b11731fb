// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import org.jspecify.annotations.Nullable;

/** A plugin could not be taken, and why, in a sentence for the operator. */
final class HouseException extends Exception {
    private static final long serialVersionUID = 1L;

    HouseException(String message) {
        super(message);
    }

    HouseException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
