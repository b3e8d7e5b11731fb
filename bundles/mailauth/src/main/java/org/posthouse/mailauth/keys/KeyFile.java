// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.keys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.mailauth.dkim.SigningKey;

/**
 * A file {@code {domain}.{selector}.pem}, as it was when it was looked at.
 *
 * @param domain the domain as A-labels in lower case
 * @param selector the selector, one label
 * @param path the file
 * @param modified when it was last changed
 * @param size how many octets it has
 * @param key the identity of the file, where the file system tells it
 */
public record KeyFile(
        String domain,
        String selector,
        Path path,
        Instant modified,
        long size,
        @Nullable Object key) {
    private static final long SIZE_LIMIT = 64 * 1024;

    /** The file of a selector as it is now. */
    static KeyFile of(Path folder, String domain, String selector) throws IOException {
        Path path = folder.resolve(name(domain, selector));
        BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
        return new KeyFile(domain, selector, path, found.lastModifiedTime().toInstant(), found.size(), found.fileKey());
    }

    /** The name of a file. */
    public static String name(String domain, String selector) {
        return domain + "." + selector + ".pem";
    }

    /**
     * Reads the key.
     *
     * @throws IOException when the file can not be read
     * @throws InvalidKeyException when it holds no key that signs mail
     */
    public SigningKey read() throws IOException, InvalidKeyException {
        if (size > SIZE_LIMIT) {
            throw new InvalidKeyException("the file is too large for a key");
        }
        PrivateKey read = PrivateKeys.read(Files.readString(path, StandardCharsets.ISO_8859_1));
        return new SigningKey(domain, selector, PrivateKeys.algorithm(read), read);
    }

    /** Who may read the file beside its owner; empty when nobody. */
    public Optional<String> openTo() throws IOException {
        Set<PosixFilePermission> all = Files.getPosixFilePermissions(path);
        if (all.contains(PosixFilePermission.OTHERS_READ)) {
            return Optional.of("everybody");
        }
        return all.contains(PosixFilePermission.GROUP_READ) ? Optional.of("its group") : Optional.empty();
    }
}
