// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.clamav;

import java.io.IOException;

/**
 * What clamd says of a message.
 *
 * @param name the name of what it found, or empty when it found nothing
 */
record Catch(String name) {
    private static final int NAME_LIMIT = 100;
    private static final String FOUND = " FOUND";

    /**
     * Reads an answer to INSTREAM.
     *
     * @throws IOException when it is an error or none
     */
    static Catch read(String answer) throws IOException {
        int colon = answer.indexOf(": ");
        String said = answer.substring(colon < 0 ? 0 : colon + 2);
        if (said.equals("OK")) {
            return new Catch("");
        }
        if (said.endsWith(FOUND) && said.length() > FOUND.length()) {
            String name = said.substring(0, said.length() - FOUND.length());
            String bounded = name.length() > NAME_LIMIT ? name.substring(0, NAME_LIMIT) : name;
            return new Catch(bounded.replaceAll("[^!-~]", "_"));
        }
        throw new IOException(
                answer.startsWith("INSTREAM size limit exceeded")
                        ? "it takes less than maxSize: its StreamMaxLength must not be smaller"
                        : "it says " + answer.replaceAll("[^ -~]", "?"));
    }

    boolean clean() {
        return name.isEmpty();
    }
}
