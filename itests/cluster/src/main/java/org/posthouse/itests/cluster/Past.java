// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

/** What an earlier driver left: its account, and when it ended. */
final class Past {
    private final Account account;
    private long last;
    private boolean open;

    Past(Account account) {
        this.account = account;
    }

    void take(Entry entry) {
        account.take(entry);
        last = entry.at();
        open = !(entry instanceof Entry.Drained || entry instanceof Entry.Stuck || entry instanceof Entry.Renewed);
    }

    /** The time of its last entry. */
    long last() {
        return last;
    }

    /** Whether something was on its way. */
    boolean open() {
        return open;
    }
}
