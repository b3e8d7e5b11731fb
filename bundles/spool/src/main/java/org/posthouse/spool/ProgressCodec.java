// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** How the records of recipients are written: a small one each, and one compact block for all at the start. */
final class ProgressCodec {
    // The numbers on disk; the order of the enum may change, these may not.
    private static final State[] STATES = {
        State.UNJUDGED,
        State.QUEUED,
        State.IN_TRANSIT,
        State.DEFERRED,
        State.HELD,
        State.DELIVERED,
        State.FAILED,
        State.EXPIRED,
        State.DELETED
    };

    private ProgressCodec() {}

    static int number(State state) {
        for (int i = 0; i < STATES.length; i++) {
            if (STATES[i] == state) {
                return i;
            }
        }
        throw new IllegalArgumentException("No number for " + state);
    }

    static State state(int number) {
        if (number < 0 || number >= STATES.length) {
            throw new IllegalArgumentException("Unknown state " + number);
        }
        return STATES[number];
    }

    static byte[] encode(byte[] key, Progress progress) {
        Wire out = new Wire(64);
        write(out, progress);
        return Seal.seal(key, out.array());
    }

    static Progress decode(byte[] key, byte[] record) throws SpoolException {
        ByteBuffer in = Seal.open(key, record);
        try {
            return read(in, Keys.recipient(key));
        } catch (BufferUnderflowException | IllegalArgumentException | ArithmeticException | DateTimeException e) {
            throw Seal.damaged(key, "unreadable", e);
        }
    }

    private static void write(Wire out, Progress p) {
        out.octet(number(p.state())).number(p.epoch()).number(p.sequence()).number(p.attempts());
        out.time(p.due()).text(p.reply()).text(p.host()).time(p.changed());
    }

    private static Progress read(ByteBuffer in, int recipient) {
        State state = state(in.get());
        long epoch = Wire.number(in);
        long sequence = Wire.number(in);
        int attempts = Wire.small(in);
        Instant due = Wire.time(in);
        String reply = Wire.text(in);
        String host = Wire.text(in);
        return new Progress(recipient, state, epoch, sequence, attempts, due, reply, host, Wire.time(in));
    }

    /** The records of all recipients at the start, usually all alike and then written once. */
    static byte[] encodeAll(List<Progress> all) {
        Wire out = new Wire(32);
        out.number(all.size());
        boolean alike = alike(all);
        out.flag(alike);
        if (alike && !all.isEmpty()) {
            out.octet(number(all.get(0).state())).time(all.get(0).due());
        } else {
            all.forEach(p -> write(out.number(p.recipient()), p));
        }
        return out.array();
    }

    private static boolean alike(List<Progress> all) {
        for (int i = 0; i < all.size(); i++) {
            Progress first = all.get(0);
            if (!all.get(i).equals(Progress.initial(i, first.state(), first.due()))) {
                return false;
            }
        }
        return true;
    }

    static List<Progress> decodeAll(ByteBuffer in) {
        int count = Wire.small(in);
        boolean alike = Wire.flag(in);
        List<Progress> all = new ArrayList<>(Math.min(count, 100_000));
        if (alike && count > 0) {
            State state = state(in.get());
            Instant due = Wire.time(in);
            for (int i = 0; i < count; i++) {
                all.add(Progress.initial(i, state, due));
            }
        } else {
            for (int i = 0; i < count; i++) {
                all.add(read(in, Wire.small(in)));
            }
        }
        return all;
    }
}
