// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.config.spi.SecretFile;

final class SecretFileTest {
    @TempDir
    private Path dataDir;

    @Test
    void isGeneratedOnceForItsUserAlone() throws Exception {
        SecretFile first = SecretFile.open(dataDir, "api-token");
        SecretFile second = SecretFile.open(dataDir, "api-token");
        assertTrue(first.fresh());
        assertFalse(second.fresh());
        assertEquals(first.value(), second.value());
        assertEquals(32, Base64.getUrlDecoder().decode(first.value()).length);
        assertEquals("rw-------", permissions(first.path()));
        assertEquals("rwx------", permissions(first.path().getParent()));
        try (Stream<Path> files = Files.list(first.path().getParent())) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void comparesWholeSecrets() {
        SecretFile secret = SecretFile.open(dataDir, "api-token");
        assertTrue(secret.matches(secret.value()));
        assertFalse(secret.matches(""));
        assertFalse(secret.matches(secret.value().substring(1)));
        assertFalse(secret.matches(secret.value() + "x"));
    }

    @Test
    void doesNotShowItselfInALog() {
        SecretFile secret = SecretFile.open(dataDir, "api-token");
        assertFalse(secret.toString().contains(secret.value()));
    }

    @Test
    void anEmptyFileIsNoSecret() throws Exception {
        Path file = SecretFile.open(dataDir, "api-token").path();
        Files.writeString(file, "\n");
        assertThrows(UncheckedIOException.class, () -> SecretFile.open(dataDir, "api-token"));
    }

    private static String permissions(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
