// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.spool.spi.Envelope.Routing;
import org.posthouse.spool.spi.MessageId;

/**
 * An envelope in the making, at one moment; every edit makes a new one.
 *
 * @param id the identity
 * @param sender the reverse-path
 * @param seats the recipients
 * @param routing how it is to travel
 * @param due not before this time; null for at once
 * @param head the header block as it stands now
 * @param body the octets, null before they are in
 * @param notes notes of message scope
 */
record Dossier(
        MessageId id,
        Sender sender,
        List<Seat> seats,
        Routing routing,
        @Nullable Instant due,
        Head head,
        @Nullable Body body,
        Map<String, Object> notes) {
    /**
     * A recipient and how many expansions led to it.
     *
     * @param recipient the recipient
     * @param depth 0 for one that the client named
     */
    record Seat(Recipient recipient, int depth) {}

    Dossier {
        seats = List.copyOf(seats);
        notes = Map.copyOf(notes);
    }

    static Dossier begin(MessageId id, Sender sender) {
        return new Dossier(id, sender, List.of(), Routing.PLAIN, null, Head.NONE, null, Map.of());
    }

    List<Recipient> recipients() {
        return new SeatView(seats);
    }

    Dossier plus(Recipient recipient) {
        List<Seat> more = new ArrayList<>(seats.size() + 1);
        more.addAll(seats);
        more.add(new Seat(recipient, 0));
        return new Dossier(id, sender, more, routing, due, head, body, notes);
    }

    Dossier with(Head other) {
        return new Dossier(id, sender, seats, routing, due, other, body, notes);
    }

    Dossier with(Body octets, Head block) {
        return new Dossier(id, sender, seats, routing, due, block, octets, notes);
    }

    Dossier with(Map<String, Object> messageNotes) {
        return new Dossier(id, sender, seats, routing, due, head, body, messageNotes);
    }

    /** The recipients of seats, without a copy. */
    private static final class SeatView extends java.util.AbstractList<Recipient> {
        private final List<Seat> seats;

        SeatView(List<Seat> seats) {
            this.seats = seats;
        }

        @Override
        public Recipient get(int index) {
            return seats.get(index).recipient();
        }

        @Override
        public int size() {
            return seats.size();
        }
    }
}
