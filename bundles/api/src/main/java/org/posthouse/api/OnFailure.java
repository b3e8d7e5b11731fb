// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

/** What happens to the asked transaction when a hook throws, is overdue, is missing or answers what it may not. */
public enum OnFailure {
    /** The next hook is asked as if this one had no opinion. */
    CONTINUE,
    /** The transaction is refused for now with 451 4.3.0; the default. */
    DEFER,
    /** The message is accepted and held; before the data stage this means DEFER. */
    HOLD,
    /** The connection is closed with 421. */
    DISCONNECT
}
