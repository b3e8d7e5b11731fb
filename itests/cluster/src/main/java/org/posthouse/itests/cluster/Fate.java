// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.util.Arrays;

/** What became of one letter: how often each recipient got it, or its sender was told that the recipient failed. */
final class Fate {
    final Letter letter;
    final String node;
    Entry.Answer answer = Entry.Answer.NONE;
    long answeredAt = Long.MAX_VALUE;
    boolean oneCopy;
    /** By recipient. */
    final int[] seen;

    final long[] seenAt;
    /** How many of {@link #seen} the account has judged. */
    final int[] judged;
    /** Found missing, and said so. */
    boolean missed;

    Fate(Letter letter, String node) {
        this.letter = letter;
        this.node = node;
        this.seen = new int[letter.size()];
        this.seenAt = new long[letter.size()];
        this.judged = new int[letter.size()];
    }

    void answered(Entry.Answered entry) {
        answer = entry.answer();
        answeredAt = entry.at();
        oneCopy = entry.reply().contains("copies=1");
    }

    boolean acknowledged() {
        return answer == Entry.Answer.ACKNOWLEDGED;
    }

    boolean complete() {
        return Arrays.stream(seen).allMatch(n -> n > 0);
    }
}
