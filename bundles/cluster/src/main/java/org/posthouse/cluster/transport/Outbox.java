// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What waits for one member. One parcel is on its way at a time: meanwhile the next one gathers. */
final class Outbox {
    private final int parcel;
    private final long most;
    private final Deque<Item> waiting = new ArrayDeque<>();
    private final Deque<Item> bulk = new ArrayDeque<>();
    private long octets;
    private long number;
    private long onItsWay;
    private long sentAt;

    /**
     * @param parcel how many octets one parcel has at most, unless one item is larger
     * @param most how many octets may wait
     */
    Outbox(int parcel, long most) {
        this.parcel = parcel;
        this.most = most;
    }

    /** Whether there was room. */
    boolean add(Item item) {
        if (octets + item.size() > most && !waiting.isEmpty()) {
            return false;
        }
        waiting.add(item);
        octets += item.size();
        return true;
    }

    /** The same for pieces of large bodies, of which one goes behind what else is in a parcel. */
    boolean addBulk(Item item) {
        if (octets + item.size() > most) {
            return false;
        }
        bulk.add(item);
        octets += item.size();
        return true;
    }

    /** Whether a parcel may go; one that has not been heard of for so long is not waited for. */
    boolean ready(long now, long patience) {
        return !(waiting.isEmpty() && bulk.isEmpty()) && (onItsWay == 0 || now - sentAt >= patience);
    }

    /** The items of the next parcel, which is on its way from now on. */
    List<Item> take(long now) {
        List<Item> items = new ArrayList<>();
        long size = 0;
        for (Item next = waiting.peek(); next != null; next = waiting.peek()) {
            if (!items.isEmpty() && size + next.size() > parcel) {
                break;
            }
            items.add(waiting.remove());
            size += next.size();
        }
        Item piece = bulk.peek();
        if (piece != null && (items.isEmpty() || size + piece.size() <= parcel)) {
            items.add(bulk.remove());
            size += piece.size();
        }
        octets -= size;
        onItsWay = ++number;
        sentAt = now;
        return items;
    }

    /** The number of the parcel that was taken last. */
    long number() {
        return number;
    }

    /** A parcel has ended, well or not. */
    void ended(long parcelNumber) {
        if (onItsWay == parcelNumber) {
            onItsWay = 0;
        }
    }

    /** Nobody is there to carry it to; whoever waits for an answer will not get one. */
    int clear() {
        int dropped = waiting.size() + bulk.size();
        waiting.clear();
        bulk.clear();
        octets = 0;
        return dropped;
    }

    long octets() {
        return octets;
    }
}
