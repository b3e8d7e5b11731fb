// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.sharing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.posthouse.spool.spi.Vault;

/** What waits to be told to one member. When it is too much, all of it is dropped, and they have to be compared. */
final class Letterbox {
    private final long most;
    private final Deque<Vault.Item> waiting = new ArrayDeque<>();
    private long octets;
    private boolean telling;
    private boolean behind;

    Letterbox(long most) {
        this.most = most;
    }

    synchronized void add(List<Vault.Item> items) {
        for (Vault.Item item : items) {
            waiting.add(item);
            octets += StateMessage.size(item);
        }
        if (octets > most) {
            lost();
        }
    }

    /** The next batch, which is on its way from now on; nothing while another one is. */
    synchronized List<Vault.Item> next(int size) {
        if (telling || waiting.isEmpty()) {
            return List.of();
        }
        List<Vault.Item> batch = new ArrayList<>();
        int sum = 0;
        for (Vault.Item item = waiting.peek(); item != null; item = waiting.peek()) {
            sum += StateMessage.size(item);
            if (sum > size && !batch.isEmpty()) {
                break;
            }
            batch.add(waiting.remove());
            octets -= StateMessage.size(item);
        }
        telling = true;
        return batch;
    }

    /** The batch on its way was merged, or nobody knows. */
    synchronized void told(boolean merged) {
        telling = false;
        if (!merged) {
            lost();
        }
    }

    /** The member may not have everything. */
    synchronized void lost() {
        waiting.clear();
        octets = 0;
        behind = true;
    }

    synchronized boolean behind() {
        return behind;
    }

    /** What was missed is looked for now. */
    synchronized void comparing() {
        behind = false;
    }
}
