// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.spi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/** A secret of this server, generated at the first start into {@code <dataDir>/secrets/<name>}, readable by its user alone. */
public final class SecretFile {
    private static final int OCTETS = 32;

    private final Path path;
    private final String value;
    private final boolean fresh;

    private SecretFile(Path path, String value, boolean fresh) {
        this.path = path;
        this.value = value;
        this.fresh = fresh;
    }

    /**
     * Reads the secret, or generates one of 256 bits when there is none.
     *
     * @throws UncheckedIOException when it can be neither read nor written
     */
    public static SecretFile open(Path dataDir, String name) {
        Path file = dataDir.resolve("secrets").resolve(name);
        try {
            Files.createDirectories(file.getParent(), only("rwx------"));
            boolean fresh = create(file);
            String value = Files.readString(file, StandardCharsets.UTF_8).strip();
            if (value.isEmpty()) {
                throw new IOException(file + " is empty; delete it to have a new secret generated");
            }
            return new SecretFile(file, value, fresh);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean create(Path file) throws IOException {
        if (Files.exists(file)) {
            return false;
        }
        byte[] random = new byte[OCTETS];
        new SecureRandom().nextBytes(random);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        // Written aside and linked into place: a crash in between leaves no empty or half secret.
        Path draft = Files.createTempFile(file.getParent(), "." + file.getFileName(), "", only("rw-------"));
        try {
            // Synced, for a power loss behind the link would leave an empty one that nothing generates again.
            Files.writeString(
                    draft, secret + "\n", StandardCharsets.UTF_8, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            Files.createLink(file, draft);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.delete(draft);
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> only(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** The secret itself; never goes into a log. */
    public String value() {
        return value;
    }

    /** Whether it was generated just now. */
    public boolean fresh() {
        return fresh;
    }

    /** Compares in constant time. */
    public boolean matches(String candidate) {
        return MessageDigest.isEqual(digest(value), digest(candidate));
    }

    private static byte[] digest(String text) {
        try {
            // Hashed first, so that the length of the secret does not show in the time either.
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** Names the file, not the secret. */
    @Override
    public String toString() {
        return "secret in " + path;
    }
}
