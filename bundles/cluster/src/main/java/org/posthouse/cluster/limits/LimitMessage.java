// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.limits;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.posthouse.api.service.Limiter;

/** What one node says to another about one limit. */
public sealed interface LimitMessage {
    /** The name of the limit. */
    String limit();

    /**
     * Asks to lend, or to go on lending.
     *
     * @param serial that of the loan that the sender has from the receiver; 0 for none
     * @param want how many events more it wants to have
     */
    record Ask(String limit, Limiter.Rate rate, long serial, long want) implements LimitMessage {}

    /**
     * What is lent from now on; no units mean that everything is wanted back.
     *
     * @param serial the new number of the loan; 0 when nothing is lent
     * @param units all units of the loan
     * @param added those of them that are new
     * @param debt how empty the new ones are
     */
    record Lent(String limit, long serial, long units, long added, long debt) implements LimitMessage {}

    /**
     * Gives a loan back; also as the answer when its lender asks.
     *
     * @param units all its units
     * @param debt how empty they are
     */
    record Back(String limit, Limiter.Rate rate, long serial, long units, long debt) implements LimitMessage {}

    /** The message as octets. */
    default byte[] octets() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(96);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            out.writeByte(letter());
            out.writeUTF(limit());
            switch (this) {
                case Ask ask -> {
                    rate(out, ask.rate());
                    longs(out, ask.serial(), ask.want());
                }
                case Lent lent -> longs(out, lent.serial(), lent.units(), lent.added(), lent.debt());
                case Back back -> {
                    rate(out, back.rate());
                    longs(out, back.serial(), back.units(), back.debt());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    private char letter() {
        return switch (this) {
            case Ask ask -> 'A';
            case Lent lent -> 'L';
            case Back back -> 'B';
        };
    }

    private static void longs(DataOutputStream out, long... values) throws IOException {
        for (long value : values) {
            out.writeLong(value);
        }
    }

    private static void rate(DataOutputStream out, Limiter.Rate rate) throws IOException {
        longs(out, rate.events(), rate.per().getSeconds());
        out.writeInt(rate.per().getNano());
        out.writeLong(rate.burst());
    }

    private static Limiter.Rate rate(DataInputStream in) throws IOException {
        long events = in.readLong();
        long seconds = in.readLong();
        int nanos = in.readInt();
        long burst = in.readLong();
        if (events < 1 || seconds < 0 || nanos < 0 || burst < 1) {
            throw new IOException("A rate that there is not");
        }
        return new Limiter.Rate(events, Duration.ofSeconds(seconds, nanos), burst);
    }

    /**
     * Reads a message.
     *
     * @throws IOException when this is none
     */
    static LimitMessage read(byte[] octets) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets));
        int letter = in.readUnsignedByte();
        String limit = in.readUTF();
        return switch (letter) {
            case 'A' -> new Ask(limit, rate(in), in.readLong(), in.readLong());
            case 'L' -> new Lent(limit, in.readLong(), in.readLong(), in.readLong(), in.readLong());
            case 'B' -> new Back(limit, rate(in), in.readLong(), in.readLong(), in.readLong());
            default -> throw new IOException("Unknown message " + letter);
        };
    }
}
