// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.util.ArrayList;
import java.util.Collections;
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
        List<Header> named = new ArrayList<>(2);
        for (Header header : all()) {
            if (header.is(name)) {
                named.add(header);
            }
        }
        return Collections.unmodifiableList(named);
    }

    /** The first field with this name, in any case. */
    default Optional<Header> first(String name) {
        for (Header header : all()) {
            if (header.is(name)) {
                return Optional.of(header);
            }
        }
        return Optional.empty();
    }
}
