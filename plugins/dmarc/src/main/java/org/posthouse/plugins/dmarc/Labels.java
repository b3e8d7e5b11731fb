// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

/** The labels of a domain name, counted from the right (RFC 9989 4.10). */
final class Labels {
    private Labels() {}

    /** How many labels the name has. */
    static int count(String name) {
        return (int) name.chars().filter(c -> c == '.').count() + 1;
    }

    /** The name with so many labels at its right end; the whole name when it has no more. */
    static String last(String name, int labels) {
        String rest = name;
        for (int more = count(name) - labels; more > 0; more--) {
            rest = rest.substring(rest.indexOf('.') + 1);
        }
        return rest;
    }
}
