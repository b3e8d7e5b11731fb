// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.util.Optional;

/** What the letters of macros stand for. */
@FunctionalInterface
interface MacroValues {
    /**
     * The value of a macro.
     *
     * @param letter in lower case
     * @return empty when what uses it can match nothing (RFC 8616 4)
     * @throws SpfException when it takes a question too many
     */
    Optional<String> of(char letter) throws SpfException;
}
