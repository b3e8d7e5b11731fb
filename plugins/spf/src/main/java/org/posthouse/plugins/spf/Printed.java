// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.util.regex.Pattern;

/** What strangers said, as it may stand in header fields and replies. */
final class Printed {
    private static final Pattern DOMAIN = Pattern.compile("[-A-Za-z0-9_.]+");
    private static final Pattern LOCAL = Pattern.compile("[-A-Za-z0-9!#$%&'*+/=?^_`{|}~.]+");

    private static final Pattern STRANGE = Pattern.compile("[^ -~]");

    private Printed() {}

    /** An identity as the value of a property (RFC 8601 2.2, pvalue). */
    static String property(Identity identity) {
        boolean local = LOCAL.matcher(identity.local()).matches();
        if (identity.property().equals(Identity.HELO)) {
            return DOMAIN.matcher(identity.domain()).matches() ? identity.domain() : quoted(identity.domain());
        }
        if (!DOMAIN.matcher(identity.domain()).matches()) {
            return quoted(identity.toString());
        }
        // A local part that would need quotes is left out: the domain is what was checked.
        return local ? identity.toString() : identity.domain();
    }

    /** In quotes; what could end them, or a result, becomes a question mark. */
    static String quoted(String text) {
        return '"' + ascii(text).replace('"', '?').replace('\\', '?').replace(';', '?') + '"';
    }

    /** Printable ASCII, all else being question marks. */
    static String ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
                return STRANGE.matcher(text).replaceAll("?");
            }
        }
        return text;
    }

    /** At most so many characters. */
    static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 3) + "...";
    }
}
