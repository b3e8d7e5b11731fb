// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.Locale;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Header;

/** The Authentication-Results field (RFC 8601): takes away those that others forged in our name, and writes ours. */
final class AuthenticationResults {
    private static final String NAME = "Authentication-Results";

    private AuthenticationResults() {}

    /** The header block without fields that claim to be ours (RFC 8601 5). */
    static Head withoutForged(Head head, String hostname) {
        if (!head.text().toLowerCase(Locale.ROOT).contains("authentication-results")) {
            return head;
        }
        StringBuilder out = new StringBuilder();
        boolean forged = false;
        for (Header field : head.fields().all()) {
            if (field.is(NAME) && hostname.equalsIgnoreCase(server(field.value()))) {
                forged = true;
            } else {
                out.append(field.raw());
            }
        }
        return forged ? new Head(out.toString()) : head;
    }

    /** The header block with our results on top; as it is when there are none. */
    static Head withOurs(Head head, String hostname, AuthResults results) {
        if (results.all().isEmpty()) {
            return head;
        }
        StringBuilder value = new StringBuilder(hostname);
        for (AuthResults.Result result : results.all()) {
            value.append(";\r\n\t").append(result.method()).append('=').append(result.value());
            if (!result.reason().isEmpty()) {
                value.append(" reason=\"")
                        .append(result.reason().replace("\\", "\\\\").replace("\"", "\\\""))
                        .append('"');
            }
            result.properties().forEach(property -> value.append(' ').append(property));
        }
        return new Head(HeaderDesk.field(NAME, value.toString()) + head.text());
    }

    /** Refuses a result that could not be written as one. */
    static AuthResults.Result checked(AuthResults.Result result) {
        token(result.method());
        token(result.value());
        clean(result.reason());
        for (String property : result.properties()) {
            clean(property);
            if (property.indexOf('=') < 1 || property.indexOf(';') >= 0) {
                throw new IllegalArgumentException("not ptype.property=value: " + result.properties());
            }
        }
        return result;
    }

    private static void token(String text) {
        boolean fits = !text.isEmpty();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            fits &= Character.isLetterOrDigit(c) || "-_./".indexOf(c) >= 0;
        }
        if (!fits) {
            throw new IllegalArgumentException("not a keyword: " + text);
        }
    }

    private static void clean(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) == 127) {
                throw new IllegalArgumentException("control character in a result");
            }
        }
    }

    /** The authserv-id at the start of a value, comments skipped, quotes taken off (RFC 8601 2.2). */
    static String server(String value) {
        StringBuilder id = new StringBuilder();
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' && (quoted || depth > 0) && i + 1 < value.length()) {
                i++;
                if (quoted) {
                    id.append(value.charAt(i));
                }
            } else if (c == '"' && depth == 0) {
                quoted = !quoted;
            } else if (quoted) {
                id.append(c);
            } else if (c == '(') {
                depth++;
            } else if (c == ')' && depth > 0) {
                depth--;
            } else if (depth == 0 && (c == ';' || c == ' ' || c == '\t')) {
                if (!id.isEmpty() || c == ';') {
                    break;
                }
            } else if (depth == 0) {
                id.append(c);
            }
        }
        return id.toString();
    }
}
