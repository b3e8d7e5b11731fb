// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.cluster.protocol.Register;

class RegisterLedgerTest {
    private static final List<Register> SOME = List.of(new Register("a", 7, 0), new Register("b", 3, 4));

    @TempDir
    private Path folder;

    private RegisterLedger open(String self) throws IOException {
        return new RegisterLedger(folder, self, Runnable::run);
    }

    private void write(List<Register> registers, long since) throws Exception {
        CountDownLatch synced = new CountDownLatch(1);
        try (RegisterLedger ledger = open("a")) {
            ledger.put(registers, since, synced::countDown);
            assertTrue(synced.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void anEmptyFolderRemembersNothing() throws Exception {
        try (RegisterLedger ledger = open("a")) {
            assertEquals(List.of(), ledger.registers());
            assertEquals(0, ledger.emptySince());
        }
    }

    @Test
    void whatWasSyncedIsThereAgain() throws Exception {
        write(SOME, 5);
        write(List.of(new Register("a", 8, 0)), 5);
        try (RegisterLedger ledger = open("a")) {
            assertEquals(List.of(new Register("a", 8, 0)), ledger.registers());
            assertEquals(5, ledger.emptySince());
        }
    }

    @Test
    void everyWriteCallsBackAndReadsSeeItAtOnce() throws Exception {
        CountDownLatch synced = new CountDownLatch(100);
        try (RegisterLedger ledger = open("a")) {
            for (int i = 1; i <= 100; i++) {
                ledger.put(List.of(new Register("a", i, 0)), 0, synced::countDown);
                assertEquals(i, ledger.registers().getFirst().seen());
            }
            assertTrue(synced.await(10, TimeUnit.SECONDS));
        }
        try (RegisterLedger ledger = open("a")) {
            assertEquals(100, ledger.registers().getFirst().seen());
        }
    }

    @Test
    void aFileThatCanNotBeWrittenIsTriedAgainAndNobodyIsToldMeanwhile() throws Exception {
        CountDownLatch synced = new CountDownLatch(1);
        try (RegisterLedger ledger = open("a")) {
            Path obstacle = Files.createDirectories(folder.resolve("registers.new"));
            ledger.put(SOME, 0, synced::countDown);
            assertTrue(!synced.await(200, TimeUnit.MILLISECONDS));
            Files.delete(obstacle);
            assertTrue(synced.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aDamagedFileIsRefusedAndNotTakenForAnEmptyOne() throws Exception {
        write(SOME, 5);
        Path file = folder.resolve("registers");
        String good = Files.readString(file);
        for (String bad : List.of("", good.replace("b 3 4", "b 3 5"), good.substring(0, good.length() / 2))) {
            Files.writeString(file, bad);
            IOException e = assertThrows(IOException.class, () -> open("a"));
            assertTrue(e.getMessage().contains(file + " is damaged"), e.getMessage());
        }
    }

    @Test
    void theFolderOfAnotherMemberIsRefused() throws Exception {
        write(SOME, 0);
        IOException e = assertThrows(IOException.class, () -> open("b"));
        assertTrue(e.getMessage().contains("is of the member a, and cluster.self is b"), e.getMessage());
    }
}
