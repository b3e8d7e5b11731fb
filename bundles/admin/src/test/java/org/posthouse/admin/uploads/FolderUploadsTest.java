// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.uploads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.admin.spi.Uploads.TooMuchException;
import org.posthouse.admin.spi.Uploads.Upload;

final class FolderUploadsTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-25T08:00:00Z"));

    @TempDir
    private Path data;

    private FolderUploads uploads;

    @BeforeEach
    void open() throws IOException {
        Path left = Files.createDirectories(data.resolve("run/uploads")).resolve("left.jar");
        Files.writeString(left, "from an earlier run");
        InstantSource source = now::get;
        uploads = new FolderUploads(data, source.withZone(ZoneOffset.UTC));
    }

    @Test
    void keepsAFileUntilItIsDropped() throws Exception {
        Upload upload = uploads.take(bytes("hello"));
        assertEquals(5, upload.octets());
        assertEquals("hello", Files.readString(uploads.file(upload.id()).orElseThrow()));
        uploads.drop(upload.id());
        assertTrue(uploads.file(upload.id()).isEmpty());
        assertEquals(0, files());
    }

    @Test
    void forgetsFilesThatNobodyUsed() throws Exception {
        Upload upload = uploads.take(bytes("hello"));
        now.updateAndGet(time -> time.plus(FolderUploads.KEPT).plusSeconds(1));
        assertTrue(uploads.file(upload.id()).isEmpty());
        assertEquals(0, files());
    }

    @Test
    void takesNoMoreThanAFew() throws Exception {
        for (int i = 0; i < FolderUploads.MOST; i++) {
            uploads.take(bytes("x"));
        }
        assertThrows(TooMuchException.class, () -> uploads.take(bytes("x")));
        assertEquals(FolderUploads.MOST, files());
    }

    @Test
    void leavesNothingOfAFileThatDidNotArriveWhole() {
        InputStream broken = new InputStream() {
            private int left = 100_000;

            @Override
            public int read() throws IOException {
                if (left-- <= 0) {
                    throw new IOException("the client went away");
                }
                return 'x';
            }
        };
        assertThrows(IOException.class, () -> uploads.take(broken));
        assertEquals(0, files());
    }

    @Test
    void takesNoIdForAPath() throws Exception {
        Files.writeString(data.resolve("run/other.jar"), "secret");
        assertTrue(uploads.file("../other").isEmpty());
        uploads.drop("../other");
        assertTrue(Files.exists(data.resolve("run/other.jar")));
        assertFalse(uploads.file("").isPresent());
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    private long files() {
        try (Stream<Path> files = Files.list(data.resolve("run/uploads"))) {
            return files.count();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
