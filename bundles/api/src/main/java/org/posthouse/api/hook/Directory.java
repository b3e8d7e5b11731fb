// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import java.util.List;
import org.posthouse.api.Address;

/** Tells who an address is; catch-all inside. */
@FunctionalInterface
public interface Directory {
    /** Looks an address up; may block. */
    Entry lookup(Address address);

    /** Who an address is. */
    sealed interface Entry {
        /** A mailbox of ours. */
        record Known(String mailbox) implements Entry {}

        /** Nobody. */
        record Unknown() implements Entry {}

        /** Another name for these addresses. */
        record Alias(List<Address> targets) implements Entry {
            public Alias {
                targets = List.copyOf(targets);
            }
        }

        /** It can not be told now. */
        record Unavailable(String reason) implements Entry {}
    }
}
