// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

final class EnvelopeCodecTest {
    private final MessageId id = MessageId.next();
    private final byte[] key = Keys.of(Table.ENVELOPE, id);

    private Envelope rich(int recipients) {
        List<Recipient> all = new ArrayList<>();
        for (int i = 0; i < recipients; i++) {
            all.add(new Recipient(Address.of("üser" + i + "@example.net"), "SUCCESS,DELAY", "rfc822;x" + i));
        }
        return new Envelope(
                id,
                Instant.parse("2026-11-21T03:04:05.678901234Z"),
                new Envelope.Origin("s1", "mx", "192.0.2.1", "client.example", "TLSv1.3", "bob"),
                new Sender(Address.of("a@example.org"), 12345, BodyType.EIGHT_BIT, true, "HDRS", "env+id"),
                all,
                new Envelope.Routing("acme", "bulk", -9, List.of("x", "y"), "held by hand"),
                "Received: from \u00fc\r\n",
                "Subject: \u00e9\u00ff\r\n",
                true,
                new Envelope.BodyRef(
                        MessageId.next(),
                        true,
                        1L << 33,
                        100,
                        102,
                        true,
                        -5,
                        MessageId.next().toString()),
                Map.of("a.text", "t", "a.long", -7L, "a.double", 0.5, "a.flag", true, "a.list", List.of("p", 2L)),
                "stamp");
    }

    @Test
    void givesBackWhatWasWritten() throws Exception {
        Envelope envelope = rich(3);
        byte[] record =
                EnvelopeCodec.seal(key, ProgressCodec.encodeAll(Workbench.queued(3)), EnvelopeCodec.content(envelope));
        Spool.Stored back = EnvelopeCodec.decode(key, record);
        assertEquals(envelope, back.envelope());
        assertEquals(Workbench.queued(3), back.progress());
    }

    @Test
    void keepsOctetsInNotes() throws Exception {
        Wire out = new Wire(8);
        NotesCodec.write(out, Map.of("a.octets", new byte[] {1, -1}));
        Map<String, Object> back = NotesCodec.read(ByteBuffer.wrap(out.array()));
        assertArrayEquals(new byte[] {1, -1}, (byte[]) back.get("a.octets"));
    }

    @Test
    void keepsTenThousandRecipientsAndWritesTheirStartOnce() throws Exception {
        Envelope envelope = rich(10_000);
        byte[] start = ProgressCodec.encodeAll(Workbench.queued(10_000));
        assertTrue(start.length < 32, "start records of " + start.length + " octets");
        Spool.Stored back = EnvelopeCodec.decode(key, EnvelopeCodec.seal(key, start, EnvelopeCodec.content(envelope)));
        assertEquals(envelope.recipients(), back.envelope().recipients());
        assertEquals(Workbench.queued(10_000), back.progress());
    }

    @Test
    void keepsStartRecordsThatDiffer() throws Exception {
        List<Progress> mixed = List.of(
                Progress.initial(0, State.HELD, Workbench.DUE),
                Progress.initial(1, State.QUEUED, Workbench.DUE.plusMillis(1)));
        byte[] record = EnvelopeCodec.seal(key, ProgressCodec.encodeAll(mixed), EnvelopeCodec.content(rich(2)));
        assertEquals(mixed, EnvelopeCodec.decode(key, record).progress());
    }

    @Test
    void keepsTheProgressOfARecipient() throws Exception {
        Progress progress = new Progress(
                7, State.DEFERRED, 3, 9, 4, Instant.now(), "451 4.3.0 später", "mx.example", Instant.now());
        byte[] at = Keys.progress(id, 7);
        assertEquals(progress, ProgressCodec.decode(at, ProgressCodec.encode(at, progress)));
    }

    @Test
    void takesAnUnknownVersionForDamage() {
        byte[] record =
                EnvelopeCodec.seal(key, ProgressCodec.encodeAll(Workbench.queued(1)), EnvelopeCodec.content(rich(1)));
        record[0] = 9;
        CRC32C crc = new CRC32C();
        crc.update(key);
        crc.update(record, 0, record.length - 4);
        ByteBuffer.wrap(record).putInt(record.length - 4, (int) crc.getValue());
        SpoolException e = assertThrows(SpoolException.class, () -> EnvelopeCodec.decode(key, record));
        assertEquals(SpoolException.Kind.DAMAGED, e.kind());
        assertTrue(String.valueOf(e.getMessage()).contains("unknown version 9"));
    }

    @Test
    void findsEveryFlippedBit() {
        byte[] record =
                EnvelopeCodec.seal(key, ProgressCodec.encodeAll(Workbench.queued(1)), EnvelopeCodec.content(rich(1)));
        for (int i = 0; i < record.length; i++) {
            record[i] ^= 4;
            assertThrows(SpoolException.class, () -> EnvelopeCodec.decode(key, record));
            record[i] ^= 4;
        }
    }

    @Test
    void refusesARecordUnderAnotherKey() {
        byte[] record =
                EnvelopeCodec.seal(key, ProgressCodec.encodeAll(Workbench.queued(1)), EnvelopeCodec.content(rich(1)));
        byte[] other = Keys.of(Table.ENVELOPE, MessageId.next());
        assertThrows(SpoolException.class, () -> EnvelopeCodec.decode(other, record));
    }
}
