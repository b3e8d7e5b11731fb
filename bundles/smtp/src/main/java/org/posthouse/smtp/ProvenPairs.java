// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which certificates and keys were found to fit, by the digest of their octets. To sign and verify with code that is not
 * compiled yet is a tenth of a start; the same octets need it once.
 */
final class ProvenPairs {
    private static final Logger LOG = LoggerFactory.getLogger(ProvenPairs.class);

    private final Path file;
    private final Set<String> digests;
    private boolean changed;

    /** Those that are noted in this file; none when there is no such file. */
    ProvenPairs(Path file) {
        this.file = file;
        this.digests = new HashSet<>(read(file));
    }

    private static List<String> read(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            LOG.warn("Certificates are checked again, for {} can not be read: {}", file, e.toString());
            return List.of();
        }
    }

    /** What stands for this certificate with this key. */
    static String digest(byte[] certificate, byte[] key) throws GeneralSecurityException {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        sha.update(sha.digest(certificate));
        sha.update(key);
        return HexFormat.of().formatHex(sha.digest());
    }

    boolean has(String digest) {
        return digests.contains(digest);
    }

    void add(String digest) {
        changed |= digests.add(digest);
    }

    /** Writes down what was added. When that fails they are checked again by the next start, no more. */
    void keep() {
        if (!changed) {
            return;
        }
        try {
            Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
            Path next = folder.resolve(file.getFileName() + ".new");
            Files.write(next, digests);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            changed = false;
        } catch (IOException e) {
            LOG.warn("The next start checks the certificates again, for {} can not be written: {}", file, e.toString());
        }
    }
}
