// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.ArrayList;
import java.util.List;

/** Splits the value of a field of results at its semicolons, comments left out (RFC 8601 2.2, RFC 5322 3.2.2). */
final class Statements {
    private final StringBuilder statement = new StringBuilder();
    private final List<String> all = new ArrayList<>();
    private boolean quoted;
    private int depth;

    private Statements() {}

    static List<String> of(String value) {
        Statements reading = new Statements();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' && (reading.quoted || reading.depth > 0) && i + 1 < value.length()) {
                i++;
                reading.escaped(value.charAt(i));
            } else {
                reading.plain(c);
            }
        }
        reading.end();
        return reading.all;
    }

    private void escaped(char c) {
        if (depth == 0) {
            // A quote here would end nothing either.
            statement.append(c == '"' || c == ';' ? ' ' : c);
        }
    }

    private void plain(char c) {
        if (c == '"' && depth == 0) {
            quoted = !quoted;
            statement.append(c);
        } else if (quoted) {
            // A semicolon here would end nothing, and could be taken for one that does.
            statement.append(c == ';' ? ' ' : c);
        } else if (c == '(') {
            depth++;
        } else if (c == ')' && depth > 0) {
            depth--;
            statement.append(' ');
        } else if (depth == 0 && c == ';') {
            end();
        } else if (depth == 0) {
            statement.append(c);
        }
    }

    private void end() {
        all.add(statement.toString().strip());
        statement.setLength(0);
    }
}
