// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jars signed by the tools of the JDK that runs the test. */
@Timeout(120)
final class TrustTest {
    @TempDir
    private Path dir;

    private Path jar;

    @BeforeEach
    void write() throws Exception {
        jar = dir.resolve("tp.jar");
        TestJar.write(jar, "tp", "1.0.0");
    }

    private static void tool(String name, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", name).toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    private String store() {
        return dir.resolve("keys.p12").toString();
    }

    private void key(String alias, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + alias,
                "-keystore",
                store(),
                "-storepass",
                "secret",
                "-storetype",
                "PKCS12"));
        arguments.addAll(List.of(more));
        tool("keytool", arguments.toArray(String[]::new));
        tool(
                "keytool",
                "-exportcert",
                "-rfc",
                "-alias",
                alias,
                "-keystore",
                store(),
                "-storepass",
                "secret",
                "-file",
                dir.resolve(alias + ".pem").toString());
    }

    private void sign(String alias) throws Exception {
        tool("jarsigner", "-keystore", store(), "-storepass", "secret", jar.toString(), alias);
    }

    private String signer(String... trusted) throws Exception {
        return Trust.of(dir, List.of(trusted)).signer(jar);
    }

    private String refused(String... trusted) {
        return String.valueOf(
                assertThrows(HouseException.class, () -> signer(trusted)).getMessage());
    }

    /** Copies the jar with this entry put in place of the one of its name, or beside the others. */
    private void put(String name, String text) throws IOException {
        Path next = dir.resolve("next.jar");
        try (ZipFile in = new ZipFile(jar.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(next))) {
            for (ZipEntry entry : Collections.list(in.entries())) {
                if (!entry.getName().equals(name)) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    try (InputStream octets = in.getInputStream(entry)) {
                        octets.transferTo(out);
                    }
                }
            }
            out.putNextEntry(new ZipEntry(name));
            out.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        Files.move(next, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Copies the jar with one more entry, of so many zeros. */
    private void inflate(String name, long octets) throws IOException {
        Path next = dir.resolve("next.jar");
        byte[] zeros = new byte[1 << 20];
        try (ZipFile in = new ZipFile(jar.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(next))) {
            out.setLevel(Deflater.BEST_SPEED);
            for (ZipEntry entry : Collections.list(in.entries())) {
                if (!entry.getName().equals(name)) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    in.getInputStream(entry).transferTo(out);
                }
            }
            out.putNextEntry(new ZipEntry(name));
            for (long left = octets; left > 0; left -= zeros.length) {
                out.write(zeros, 0, (int) Math.min(left, zeros.length));
            }
        }
        Files.move(next, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void refusesASmallJarThatInflatesWithoutEnd() throws Exception {
        put("META-INF/X.SF", "Signature-Version: 1.0\r\n\r\n");
        inflate("zeros", Trust.MOST_INFLATED + 1);
        assertTrue(Files.size(jar) < 16 << 20, "it is small");
        assertEquals("inflates to more than 512 MB", refused());
    }

    @Test
    void refusesSignaturesThatFillTheMemory() throws Exception {
        inflate("META-INF/X.SF", Trust.MOST_OF_SIGNATURES + 1);
        assertEquals("inflates to more than 16 MB of signatures", refused());
    }

    @Test
    void refusesAnUnsignedJarOnlyWhereSignaturesAreWanted() throws Exception {
        key("one");
        assertEquals("", signer());
        assertTrue(refused("one.pem").contains("is not signed"));
    }

    @Test
    void takesAJarWhoseSignerIsNamed() throws Exception {
        key("one");
        key("two");
        sign("one");
        assertEquals("CN=one", signer("two.pem", "one.pem"));
        assertEquals("CN=one", signer());
        assertTrue(refused("two.pem").contains("CN=one"));
    }

    @Test
    void refusesChangedAndAddedEntries() throws Exception {
        key("one");
        sign("one");
        put("t/Added.class", "not signed");
        assertTrue(refused("one.pem").contains("t/Added.class has no signature"));
        put("OSGI-INF/t.H.xml", "<changed/>");
        assertTrue(refused("one.pem").contains("does not fit"));
        assertTrue(refused().contains("does not fit"));
    }

    @Test
    void takesACodeSignerWhoseAuthorityIsNamedAlsoWhenItHasExpired() throws Exception {
        key("authority", "-ext", "bc:c", "-startdate", "-2y", "-validity", "3650");
        String issued = "authority";
        key("coder", "-signer", issued, "-ext", "eku=codeSigning", "-startdate", "-30d", "-validity", "10");
        key("server", "-signer", issued, "-ext", "eku=serverAuth");
        byte[] plain = Files.readAllBytes(jar);
        sign("coder");
        assertEquals("CN=coder", signer("authority.pem"));
        Files.write(jar, plain);
        sign("server");
        assertTrue(refused("authority.pem").contains("does not trust"));
    }

    @Test
    void trustsNobodyByAFileThatCanNotBeRead() throws Exception {
        key("one");
        sign("one");
        assertTrue(refused("gone.pem").contains("gone.pem can not be read"));
        Files.writeString(dir.resolve("bad.pem"), "no certificate");
        assertTrue(refused("bad.pem").contains("does not trust"));
    }
}
