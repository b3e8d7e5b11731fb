// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of MAIL or RCPT by keyword in upper case; a keyword without {@code =} has an empty value. */
final class Parameters {
    private final Map<String, String> values = new LinkedHashMap<>();

    private Parameters() {}

    /** Reads {@code KEYWORD=value …} (RFC 5321 4.1.2). */
    static Parameters parse(String text) throws SyntaxFault {
        Parameters parameters = new Parameters();
        if (text.isEmpty()) {
            return parameters;
        }
        for (String one : text.split(" +", -1)) {
            parameters.add(one);
        }
        return parameters;
    }

    private void add(String one) throws SyntaxFault {
        int equals = one.indexOf('=');
        String keyword = (equals < 0 ? one : one.substring(0, equals)).toUpperCase(Locale.ROOT);
        String value = equals < 0 ? "" : one.substring(equals + 1);
        if (!isKeyword(keyword) || (equals >= 0 && !isValue(value))) {
            throw new SyntaxFault(501, "5.5.4", "Parameter syntax");
        }
        if (values.putIfAbsent(keyword, value) != null) {
            throw new SyntaxFault(501, "5.5.4", "Parameter given twice");
        }
    }

    private static boolean isKeyword(String keyword) {
        return !keyword.isEmpty()
                && keyword.charAt(0) != '-'
                && keyword.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-');
    }

    /** RFC 5321 4.1.2: 33 to 60 and 62 to 126; RFC 6531 3.3 adds UTF-8; {@code =} is let through in a value. */
    private static boolean isValue(String value) {
        return !value.isEmpty() && value.chars().allMatch(c -> (c > 32 && c < 127) || c >= 160);
    }

    /** Takes a parameter out; null when it was not given. */
    @Nullable
    String take(String keyword) {
        return values.remove(keyword);
    }

    /** Takes out a keyword that has no value; whether it was given. */
    boolean takeFlag(String keyword) throws SyntaxFault {
        String value = values.remove(keyword);
        if (value != null && !value.isEmpty()) {
            throw new SyntaxFault(501, "5.5.4", keyword + " takes no value");
        }
        return value != null;
    }

    /** Refuses what nobody took: RFC 5321 4.1.1.11. */
    void refuseRest() throws SyntaxFault {
        if (!values.isEmpty()) {
            throw new SyntaxFault(555, "5.5.4", "Parameter not recognized or not implemented");
        }
    }
}
