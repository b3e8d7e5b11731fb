// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes a key and a certificate signed by itself, with the JDK's keytool. */
final class SelfSigned {
    private static final String ALIAS = "server";
    private static final long KEYTOOL_SECONDS = 60;

    private SelfSigned() {}

    /** Writes certificate and key as PEM; the key can be read by nobody else. */
    static void write(String hostname, Path certificate, Path key) throws IOException, GeneralSecurityException {
        Files.createDirectories(folder(certificate));
        Files.createDirectories(folder(key));
        // keytool wants to make the file itself, so it gets a folder of its own that nobody else can read.
        Path scratch = Files.createTempDirectory(folder(key), "new");
        Path store = scratch.resolve("store.p12");
        String password = new BigInteger(130, new SecureRandom()).toString(36);
        try {
            keytool(hostname, store, password);
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(new ByteArrayInputStream(Files.readAllBytes(store)), password.toCharArray());
            Key secret = keys.getKey(ALIAS, password.toCharArray());
            place(scratch.resolve("key"), key, pem("PRIVATE KEY", secret.getEncoded()));
            place(
                    scratch.resolve("pem"),
                    certificate,
                    pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded()));
        } finally {
            Files.deleteIfExists(store);
            Files.deleteIfExists(scratch);
        }
    }

    private static void keytool(String hostname, Path store, String password) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command(hostname, store)).redirectErrorStream(true);
        builder.environment().put("STOREPASS", password);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException("keytool failed: " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while keytool ran", e);
        }
    }

    private static List<String> command(String hostname, Path store) {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> command = new ArrayList<>(List.of(keytool, "-genkeypair", "-alias", ALIAS));
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "3650"));
        command.addAll(List.of("-dname", "CN=" + hostname, "-ext", "SAN=dns:" + hostname));
        command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString()));
        command.addAll(List.of("-storepass:env", "STOREPASS"));
        return command;
    }

    private static void place(Path scratch, Path file, String text) throws IOException {
        Files.createFile(scratch, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(scratch, text, StandardCharsets.US_ASCII);
        Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Path folder(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    private static String pem(String what, byte[] octets) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(octets);
        return "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n";
    }
}
