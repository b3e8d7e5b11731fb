// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.util.Locale;

/**
 * What a list said of a subject.
 *
 * @param list the list
 * @param subject who or what it was asked about
 * @param outcome what came of it
 * @param points the weights of its entries that matched
 * @param detail the answer, or what is wrong with it
 */
record Word(DnsList list, Subject subject, Outcome outcome, double points, String detail) {
    /** What came of a question. */
    enum Outcome {
        /** The list names the subject. */
        LISTED,
        /** It does not, or by answers that no entry counts. */
        CLEAR,
        /** What it answered is no word about the subject. */
        ERROR,
        /** It answered nothing within the time, or that it can not tell now. */
        UNANSWERED,
        /** It was not asked, since it failed too often. */
        RESTING;

        /** As it stands in metrics. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    boolean listed() {
        return outcome == Outcome.LISTED;
    }

    /** Whether the list told anything. */
    boolean told() {
        return outcome == Outcome.LISTED || outcome == Outcome.CLEAR;
    }

    @Override
    public String toString() {
        return subject.shown() + " in " + list.zone() + " (" + detail + ")";
    }
}
