// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Headers;

/** For whom a message was here before, as it says itself: a Delivered-To field is left with each that moves on (RFC 9228). */
record Trail(Headers headers) {
    private static final String FIELD = "Delivered-To";

    boolean knows(Address address) {
        return headers.all(FIELD).stream()
                .map(field -> field.value())
                .anyMatch(value -> value.equalsIgnoreCase(address.toString()));
    }

    static Edit mark(Address address) {
        return Edit.prependHeader(FIELD, address.toString());
    }
}
