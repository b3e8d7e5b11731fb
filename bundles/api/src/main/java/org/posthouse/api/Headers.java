// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** The header fields of a message in order, as the asked hook sees them. */
@ProviderType
public interface Headers {
    /** All fields from top to bottom; cannot be changed. */
    List<Header> all();

    /** The fields with this name, in any case, from top to bottom. */
    default List<Header> all(String name) {
        return all().stream().filter(h -> h.is(name)).toList();
    }

    /** The first field with this name, in any case. */
    default Optional<Header> first(String name) {
        return all().stream().filter(h -> h.is(name)).findFirst();
    }
}
