// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

/**
 * How a check ended.
 *
 * @param why the term that matched, or what is wrong; empty when there is nothing to say
 * @param explanation what the domain wants to be told to the client, of a fail only and when it was asked for; else empty
 */
record Judgement(Result result, String why, String explanation) {
    private static final int MOST_OF_WHY = 200;

    Judgement {
        // Kept for the session and written into events; the record that it comes from may have 64 kB.
        why = Printed.cut(why, MOST_OF_WHY);
    }

    Judgement(Result result, String why) {
        this(result, why, "");
    }
}
