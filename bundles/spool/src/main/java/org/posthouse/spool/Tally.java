// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** The counts while they change; written with every batch, so that they are exact after a crash. Used by one thread. */
final class Tally {
    private final long[] recipients = new long[State.values().length];
    private long messages;
    private long octets;

    Tally copy() {
        return new Tally().plus(this, 1);
    }

    /** Adds another tally so many times. */
    Tally plus(Tally other, int times) {
        messages += times * other.messages;
        octets += times * other.octets;
        for (int i = 0; i < recipients.length; i++) {
            recipients[i] += times * other.recipients[i];
        }
        return this;
    }

    /** Puts messages and recipients right by the difference between what was counted and what was believed. */
    void correct(Tally counted, Tally believed) {
        long octetsBefore = octets;
        plus(counted, 1).plus(believed, -1);
        octets = octetsBefore;
    }

    void enter(List<Progress> progress) {
        messages++;
        progress.forEach(p -> recipients[ProgressCodec.number(p.state())]++);
    }

    void leave(List<State> states) {
        messages--;
        states.forEach(state -> recipients[ProgressCodec.number(state)]--);
    }

    void move(State from, State to) {
        recipients[ProgressCodec.number(from)]--;
        recipients[ProgressCodec.number(to)]++;
    }

    void octets(long more) {
        octets += more;
    }

    Spool.Counts counts() {
        Map<State, Long> states = new EnumMap<>(State.class);
        for (State state : State.values()) {
            states.put(state, recipients[ProgressCodec.number(state)]);
        }
        return new Spool.Counts(messages, states, octets);
    }

    byte[] encode() {
        Wire out = new Wire(64).signed(messages).signed(octets).number(recipients.length);
        for (long count : recipients) {
            out.signed(count);
        }
        return Seal.seal(Keys.COUNTS, out.array());
    }

    static Tally decode(byte[] record) throws SpoolException {
        ByteBuffer in = Seal.open(Keys.COUNTS, record);
        Tally tally = new Tally();
        try {
            tally.messages = Wire.signed(in);
            tally.octets = Wire.signed(in);
            int count = Wire.small(in);
            for (int i = 0; i < count; i++) {
                tally.recipients[i] = Wire.signed(in);
            }
            return tally;
        } catch (BufferUnderflowException | IndexOutOfBoundsException | ArithmeticException e) {
            throw Seal.damaged(Keys.COUNTS, "unreadable", e);
        }
    }
}
