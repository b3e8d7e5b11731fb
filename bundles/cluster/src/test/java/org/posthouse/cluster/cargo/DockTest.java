// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.cargo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.spool.Disk;
import org.posthouse.spool.spi.MessageId;

/** What arrives from other members. */
class DockTest {
    private static final Clocks CLOCKS = new Clocks() {
        @Override
        public long monotonic() {
            return 1;
        }

        @Override
        public long wall() {
            return 1;
        }
    };

    @TempDir
    private Path folder;

    private static Piece piece(MessageId body, long offset, long total, int length) {
        byte[] octets = new byte[length];
        new Random(offset).nextBytes(octets);
        return new Piece(body, offset, total, octets);
    }

    @Test
    void aBodyThatHasArrivedIsNotBegunAnewWhenItIsBroughtAgain() throws Exception {
        try (Disk disk = new Disk(folder)) {
            Dock dock = new Dock(disk.spool(), disk.copies(), CLOCKS);
            MessageId body = MessageId.next();
            assertEquals(300, dock.piece(piece(body, 0, 500, 300)));
            // Not whole yet: its sender gave up, and begins anew.
            assertEquals(300, dock.piece(piece(body, 0, 500, 300)));
            assertEquals(500, dock.piece(piece(body, 300, 500, 200)));
            assertEquals(500, dock.piece(piece(body, 0, 500, 300)));
            assertEquals(500, dock.piece(piece(body, 300, 500, 200)));
        }
    }
}
