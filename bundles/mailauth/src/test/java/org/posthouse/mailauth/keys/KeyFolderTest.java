// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.testkit.service.SettableClock;

final class KeyFolderTest {
    private static final String ONE = pem();
    private static final String OTHER = pem();

    @TempDir
    Path root;

    private final SettableClock clock = SettableClock.at(Instant.now());

    private static String pem() {
        try {
            return PrivateKeys.pem(PrivateKeys.generate(Algorithm.ED25519_SHA256, 0));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private Path keys() {
        return root.resolve("dkim");
    }

    private void put(String name, String text) throws IOException {
        Files.createDirectories(keys());
        Files.writeString(keys().resolve(name), text);
    }

    private KeyFolder folder() {
        return new KeyFolder(keys(), 10, clock);
    }

    private static List<String> selectors(List<KeptKey> keys) {
        return keys.stream().map(kept -> kept.file().selector()).toList();
    }

    @Test
    void findsTheKeysOfADomainByTheNamesOfFiles() throws Exception {
        put("a.test.one.pem", ONE);
        put("a.test.two.pem", OTHER);
        put("sub.a.test.one.pem", ONE);
        put("a.test.three.txt", ONE);
        put(".pem", ONE);
        put("nodot.pem", ONE);
        KeyFolder folder = folder();
        assertEquals(List.of("one", "two"), selectors(folder.of("a.test")));
        assertEquals(List.of("one"), selectors(folder.of("sub.a.test")));
        assertEquals(List.of(), folder.of("test"));
        assertEquals(List.of(), folder.of("b.test"));
        assertEquals(List.of("a.test", "sub.a.test"), folder.domains());
        assertEquals(
                "one._domainkey.a.test",
                folder.of("a.test").getFirst().key().orElseThrow().name());
    }

    @Test
    void hasNoKeysBeforeThereIsAFolderAndSeesItComeAndGo() throws Exception {
        KeyFolder folder = folder();
        assertEquals(List.of(), folder.of("a.test"));
        put("a.test.one.pem", ONE);
        assertEquals(List.of(), folder.of("a.test"));
        clock.pass(Duration.ofSeconds(1));
        assertEquals(List.of("one"), selectors(folder.of("a.test")));
        Files.delete(keys().resolve("a.test.one.pem"));
        Files.delete(keys());
        clock.pass(Duration.ofSeconds(1));
        assertThrows(IOException.class, () -> folder.of("a.test"));
        put("a.test.two.pem", ONE);
        assertEquals(List.of("two"), selectors(folder.of("a.test")));
    }

    @Test
    void seesFilesThatComeChangeAndGo() throws Exception {
        put("a.test.one.pem", ONE);
        KeyFolder folder = folder();
        KeptKey first = folder.of("a.test").getFirst();
        clock.pass(Duration.ofSeconds(1));
        assertSame(first, folder.of("a.test").getFirst());
        put("a.test.one.pem", OTHER + "\n");
        put("a.test.two.pem", ONE);
        clock.pass(Duration.ofSeconds(1));
        List<KeptKey> both = folder.of("a.test");
        assertEquals(List.of("one", "two"), selectors(both));
        assertNotSame(first, both.getFirst());
        assertEquals(
                PrivateKeys.read(OTHER), both.getFirst().key().orElseThrow().key());
        Files.delete(keys().resolve("a.test.one.pem"));
        clock.pass(Duration.ofSeconds(1));
        assertEquals(List.of("two"), selectors(folder.of("a.test")));
    }

    @Test
    void tellsWhyAFileHoldsNoKeyAndReadsItAgainWhenItChanged() throws Exception {
        put("a.test.one.pem", "no key");
        KeyFolder folder = folder();
        KeptKey damaged = folder.of("a.test").getFirst();
        assertTrue(damaged.key().isEmpty());
        assertEquals("there is no private key in PEM", damaged.damage());
        clock.pass(Duration.ofSeconds(1));
        assertSame(damaged, folder.of("a.test").getFirst());
        put("a.test.one.pem", ONE);
        clock.pass(Duration.ofSeconds(1));
        assertTrue(folder.of("a.test").getFirst().key().isPresent());
    }

    @Test
    void readsAKeyOnceHoweverManyWaitForIt() throws Exception {
        put("a.test.one.pem", ONE);
        KeyFolder folder = folder();
        Set<Integer> identities = ConcurrentHashMap.newKeySet();
        Callable<Boolean> ask = () -> {
            KeptKey kept = folder.of("a.test").getFirst();
            return identities.add(System.identityHashCode(kept));
        };
        try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var done : many.invokeAll(java.util.Collections.nCopies(200, ask))) {
                done.get();
            }
        }
        assertEquals(1, identities.size());
    }

    @Test
    void forgetsTheDomainsThatWereAskedForLongAgo() throws Exception {
        KeyFolder folder = new KeyFolder(keys(), 2, clock);
        put("a.test.one.pem", ONE);
        put("b.test.one.pem", ONE);
        put("c.test.one.pem", ONE);
        KeptKey first = folder.of("a.test").getFirst();
        folder.of("b.test");
        assertSame(first, folder.of("a.test").getFirst());
        folder.of("c.test");
        assertSame(first, folder.of("a.test").getFirst());
        folder.of("b.test");
        folder.of("c.test");
        assertNotSame(first, folder.of("a.test").getFirst());
    }
}
