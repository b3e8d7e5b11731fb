// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads an answer of the policy server from octets: a line {@code action=…}, then an empty one.
 *
 * <p>Whatever the octets are, it gives back a text, or throws {@link IOException}, and holds a bounded number of them.
 */
final class ActionReader {
    private static final int MOST_OCTETS = 1 << 14;
    private static final String ACTION = "action=";

    private final InputStream in;

    ActionReader(InputStream in) {
        this.in = in;
    }

    /** What stands behind {@code action=}; lines that say something else are passed over. */
    String next() throws IOException {
        String action = "";
        int left = MOST_OCTETS;
        while (true) {
            String line = line(left);
            left -= line.length() + 1;
            String text = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            if (text.isEmpty() && !action.isEmpty()) {
                return action.substring(ACTION.length());
            }
            if (text.isEmpty()) {
                throw new IOException("an answer without an action");
            }
            action = action.isEmpty() && text.startsWith(ACTION) ? text : action;
        }
    }

    private String line(int most) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(80);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ended before the answer");
            }
            if (line.size() >= most) {
                throw new IOException("an answer of more than " + MOST_OCTETS + " octets");
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}
