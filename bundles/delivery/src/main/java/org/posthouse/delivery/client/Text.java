// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

/** Text from elsewhere made fit for replies, headers and logs. */
public final class Text {
    private Text() {}

    /** One line of printable characters. */
    public static String line(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(Character.isISOControl(c) ? ' ' : c);
        }
        return out.toString().strip();
    }
}
