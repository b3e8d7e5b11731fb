// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One user as the file knows it.
 *
 * @param name the name, in lower case
 * @param hash the hash of the password
 * @param scram the keys of SCRAM, null when this user can not use it
 * @param senders the addresses, {@code @domains} or {@code *} this user may send as; none is the default of {@link #permits}
 * @param disabled whether nobody is let in by this name
 */
record User(String name, Hash hash, @Nullable ScramRecord scram, List<String> senders, boolean disabled) {
    User {
        senders = List.copyOf(senders);
    }

    User withPassword(Hash newHash, @Nullable ScramRecord newScram) {
        return new User(name, newHash, newScram, senders, disabled);
    }

    User withSenders(List<String> now) {
        return new User(name, hash, scram, now, disabled);
    }

    User withDisabled(boolean now) {
        return new User(name, hash, scram, senders, now);
    }

    /** Whether this user may send as an address: one of the list, or without a list the name itself. */
    boolean permits(String address) {
        return senders.isEmpty() ? owns(name, address) : senders.stream().anyMatch(one -> permits(one, address));
    }

    /** Whether a name is an address, and this one: a name may look like {@code @domain} or {@code *} and means nothing by it. */
    static boolean owns(String name, String address) {
        return name.indexOf('@') > 0 && name.equals(address.toLowerCase(Locale.ROOT));
    }

    /** Whether an entry of such a list, in lower case, means an address. */
    private static boolean permits(String entry, String address) {
        String lowered = address.toLowerCase(Locale.ROOT);
        if (entry.equals("*")) {
            return true;
        }
        return entry.startsWith("@")
                ? lowered.substring(lowered.lastIndexOf('@') + 1).equals(entry.substring(1))
                : entry.contains("@") && lowered.equals(entry);
    }
}
