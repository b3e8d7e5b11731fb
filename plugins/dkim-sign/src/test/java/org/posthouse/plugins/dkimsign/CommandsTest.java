// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.mailauth.dkim.KeyRecord;
import org.posthouse.mailauth.keys.PrivateKeys;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;
import org.posthouse.testkit.service.SettableClock;

final class CommandsTest {
    @TempDir
    Path root;

    private final FakeDns dns = new FakeDns();

    private DkimSign.Config config() {
        return Settings.of(
                DkimSign.Config.class,
                "keys",
                root.resolve("dkim").toString(),
                "takeOverAfter",
                86_400_000L,
                "expire",
                0L);
    }

    private Table generate(String... arguments) throws CommandException {
        return new GenerateKey(config()).run(arguments(arguments));
    }

    private List<List<String>> dns(String... arguments) throws CommandException {
        return new ShowRecords(config(), dns, SettableClock.at(Instant.now()))
                .run(arguments(arguments))
                .rows();
    }

    private static Arguments arguments(String... pairs) {
        Map<String, List<String>> values = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            values.put(pairs[i], List.of(pairs[i + 1]));
        }
        return Arguments.of(values);
    }

    private static String joined(String strings) {
        return strings.substring(1, strings.length() - 1).replace("\" \"", "");
    }

    @ParameterizedTest
    @CsvSource({"rsa,2048,2048", "rsa,'',2048", "rsa,1024,1024", "ed25519,'',256"})
    void makesAKeyAndItsRecord(String type, String bits, int length) throws Exception {
        Table made = generate("domain", "A.Test", "selector", "S1", "type", type, "bits", bits);
        Path file = root.resolve("dkim/a.test.s1.pem");
        assertTrue(made.note().contains(file.toString()), made.note());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        List<String> row = made.rows().getFirst();
        assertEquals("s1._domainkey.a.test", row.get(0));
        KeyRecord record = KeyRecord.parse(joined(row.get(2)));
        assertEquals(length, record.bits());
        assertEquals(record.key(), PrivateKeys.publicOf(PrivateKeys.read(Files.readString(file))));
    }

    @Test
    void splitsARecordIntoStringsThatDnsTakes() throws Exception {
        String value = generate("domain", "a.test", "selector", "s", "bits", "4096")
                .rows()
                .getFirst()
                .get(2);
        for (String part : value.substring(1, value.length() - 1).split("\" \"")) {
            assertTrue(part.length() <= 255, part);
        }
    }

    @Test
    void neverOverwritesAKey() throws Exception {
        generate("domain", "a.test", "selector", "s", "type", "ed25519");
        String before = Files.readString(root.resolve("dkim/a.test.s.pem"));
        CommandException refused = assertThrows(
                CommandException.class, () -> generate("domain", "a.test", "selector", "s", "type", "ed25519"));
        assertTrue(String.valueOf(refused.getMessage()).contains("never overwritten"), refused.getMessage());
        assertEquals(before, Files.readString(root.resolve("dkim/a.test.s.pem")));
    }

    @ParameterizedTest
    @CsvSource({
        "a..test, s, rsa, ''",
        "../a.test, s, rsa, ''",
        "a.test, s.t, rsa, ''",
        "a.test, ../s, rsa, ''",
        "a.test, s, dsa, ''",
        "a.test, s, rsa, 512",
        "a.test, s, rsa, 99999",
        "a.test, s, rsa, many",
        "a.test, s, ed25519, 256",
    })
    void refusesWhatMakesNoKey(String domain, String selector, String type, String bits) {
        assertThrows(
                CommandException.class,
                () -> generate("domain", domain, "selector", selector, "type", type, "bits", bits));
        assertTrue(Files.notExists(root.resolve("dkim")));
    }

    @Test
    void comparesTheRecordsWithDns() throws Exception {
        String first = joined(generate("domain", "a.test", "selector", "one", "type", "ed25519")
                .rows()
                .getFirst()
                .get(2));
        String second = joined(generate("domain", "a.test", "selector", "two", "type", "rsa")
                .rows()
                .getFirst()
                .get(2));
        assertEquals(
                List.of("there is no record", "there is no record"),
                dns("domain", "a.test").stream().map(List::getLast).toList());
        dns.txt("one._domainkey.a.test", first.replace("; ", ";"));
        dns.txt("two._domainkey.a.test", first);
        assertEquals(
                List.of("the same key", "another key"),
                dns("domain", "a.test").stream().map(List::getLast).toList());
        List<String> row = dns("domain", "a.test", "selector", "two").getFirst();
        assertEquals(List.of("two._domainkey.a.test", "TXT"), row.subList(0, 2));
        assertEquals(second, joined(row.get(2)));
        assertEquals("yes", row.get(3));
        dns.servfail("*");
        assertEquals(
                "it can not be told now", dns("domain", "a.test").getFirst().getLast());
    }

    @Test
    void saysWhenThereIsNoSuchKey() {
        assertThrows(CommandException.class, () -> dns("domain", "a.test"));
    }

    @Test
    void saysWhatIsWrongWithAFile() throws Exception {
        generate("domain", "a.test", "selector", "good", "type", "ed25519");
        Files.writeString(root.resolve("dkim/a.test.bad.pem"), "damaged");
        assertEquals(
                List.of("there is no private key in PEM", "there is no record"),
                dns("domain", "a.test").stream().map(List::getLast).toList());
    }
}
