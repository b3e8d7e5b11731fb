// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyRingTest {
    private static final byte[] KEY = new byte[32];

    @TempDir
    private Path folder;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    @Test
    void readsBase64AndHexadecimalDigitsAsTheSameKey() throws Exception {
        KeyRing ring = KeyRing.read(List.of(
                file("a", Base64.getEncoder().encodeToString(KEY) + "\n"),
                file("b", HexFormat.of().formatHex(KEY) + "\n")));
        assertEquals(KeyRing.of(KEY).toString(), ring.toString());
    }

    @Test
    void namesTheFileThatIsNotThereAndSaysHowToMakeOne() {
        Path none = folder.resolve("none");
        IOException e = assertThrows(IOException.class, () -> KeyRing.read(List.of(none)));
        assertTrue(e.getMessage().contains(none.toString()), e.getMessage());
        assertTrue(e.getMessage().contains("openssl rand -base64 32"), e.getMessage());
    }

    @Test
    void refusesWhatIsNoKeyWithoutQuotingIt() throws Exception {
        for (String content :
                List.of("", "correct horse battery staple", Base64.getEncoder().encodeToString(new byte[16]))) {
            Path file = file("bad", content);
            IOException e = assertThrows(IOException.class, () -> KeyRing.read(List.of(file)));
            assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
            assertFalse(e.getMessage().contains("horse"), e.getMessage());
        }
    }
}
