// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Address;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;
import org.posthouse.api.Message;
import org.posthouse.api.Peer;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.api.hook.Authenticator.Credentials;
import org.posthouse.api.hook.Authenticator.ScramKeys.Keys;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;

final class AuthFileTest {
    private static final String PASSWORD = "correct horse";

    /** Of the word "password", made by crypt(3). */
    private static final String BCRYPT = "$2y$05$abcdefghijklmnopqrstuuWG29KuyeAicPCJODk1zjyGvyQUU2awu";

    @TempDir
    private Path folder;

    private final Map<String, Object> settings = new HashMap<>();
    private Path users;
    private Accounts accounts;

    @BeforeEach
    void begin() {
        users = folder.resolve("users");
        accounts = accounts();
    }

    private AuthFile.Config config() {
        Map<String, Object> all = new HashMap<>(Map.of("file", users.toString(), "scramIterations", 4096, "cost", 6));
        all.putAll(settings);
        return fake(AuthFile.Config.class, all);
    }

    private Accounts accounts() {
        return new Accounts(config());
    }

    private <T> T fake(Class<T> type, Map<String, Object> values) {
        return type.cast(Proxy.newProxyInstance(
                AuthFileTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object value = values.getOrDefault(method.getName(), method.getDefaultValue());
                    if (value == null) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    return value;
                }));
    }

    private AuthFile plugin() throws IOException {
        return new AuthFile(config(), accounts);
    }

    private static Table run(Command command, Map<String, List<String>> arguments) throws CommandException {
        return command.run(Arguments.of(arguments));
    }

    private void add(String name, String... senders) throws CommandException {
        run(
                new AddUser(accounts),
                Map.of("name", List.of(name), "password", List.of(PASSWORD), "sender", List.of(senders)));
    }

    private Answer ask(String name, String password) throws IOException {
        return plugin().authenticate(fake(Session.class, Map.of()), new Credentials.Password(name, password));
    }

    private String kind(String name, String password) throws IOException {
        return ask(name, password).getClass().getSimpleName();
    }

    @Test
    void letsInWhoIsThereWithTheRightPassword() throws Exception {
        add("Anna@Local.test");
        assertEquals(new Answer.Granted("anna@local.test"), ask("ANNA@local.test", PASSWORD));
        assertEquals(new Answer.Denied("wrong password"), ask("anna@local.test", PASSWORD + "x"));
        assertEquals(new Answer.Denied("unknown user"), ask("bert@local.test", PASSWORD));
        assertEquals(new Answer.Denied("unknown user"), ask("#", PASSWORD));
    }

    @Test
    void checksHashesThatWereMadeElsewhere() throws Exception {
        Files.writeString(users, "anna " + BCRYPT + "\n");
        assertEquals("Granted", kind("anna", "password"));
        assertEquals("Denied", kind("anna", "Password"));
        assertEquals("Denied", kind("anna", "p".repeat(200)));
    }

    /** {@code "p" * 72} and 73 with the same salt have one hash for crypt(3), which does not say so. */
    @Test
    void hashesNoPartOfAPassword() throws Exception {
        String most = "p".repeat(69) + "\u00e9";
        run(new AddUser(accounts), Map.of("name", List.of("anna"), "password", List.of(most)));
        assertEquals("Granted", kind("anna", most));
        assertEquals("Denied", kind("anna", most + "x"));
        Map<String, List<String>> more = Map.of("name", List.of("bert"), "password", List.of(most + "x"));
        CommandException refused = assertThrows(CommandException.class, () -> run(new AddUser(accounts), more));
        assertTrue(String.valueOf(refused.getMessage()).contains("71 octets at most"), refused.getMessage());
        Map<String, List<String>> changed = Map.of("name", List.of("anna"), "password", List.of(most + "x"));
        assertThrows(CommandException.class, () -> run(new ChangePassword(accounts), changed));
        assertEquals("Granted", kind("anna", most));
    }

    @Test
    void keepsCommentsAndHidesTheFileFromOthers() throws Exception {
        Files.writeString(users, "# those who send\n\n");
        add("anna");
        add("bert", "bert@local.test", "@lists.test");
        List<String> lines = Files.readAllLines(users);
        assertEquals("# those who send", lines.getFirst());
        assertTrue(lines.get(2).startsWith("anna $2b$06$"), lines.toString());
        assertTrue(lines.get(3).endsWith(" senders=bert@local.test,@lists.test"), lines.toString());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(users)));
        plugin();
        Path secret = folder.resolve("users.secret");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
        assertEquals("Denied", kind("# those who send", PASSWORD));
    }

    @Test
    void namesDamagedLinesAndLetsNobodyInByThem() throws Exception {
        String hash = Hash.of(PASSWORD, 5).text();
        Files.write(
                users,
                ("plain secret-password\nnohash\ntwice " + hash + "\nTWICE " + hash + "\nextra " + hash
                                + " admin\nbad\u00ff " + hash + "\nscram " + hash + " scram=1:x:y:z\ngood " + hash
                                + "\n"
                                + "other $argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A".repeat(43)
                                + "\n"
                                + hash.replace("$05$", "$14$").transform(slow -> "slow " + slow + "\n"))
                        .getBytes(StandardCharsets.ISO_8859_1));
        for (String name : List.of("plain", "nohash", "twice", "extra", "bad\u00ff", "scram", "other", "slow")) {
            assertEquals(new Answer.Denied("unknown user"), ask(name, PASSWORD), name);
        }
        assertEquals("Denied", kind("plain", "secret-password"));
        assertEquals("Granted", kind("good", PASSWORD));
        List<String> damage = accounts.file().users().damage();
        assertEquals(8, damage.size(), damage.toString());
        assertEquals(
                "line 1 (plain): the password is not hashed; set it with: posthouse user passwd", damage.getFirst());
        assertEquals("line 9 (other): a hash that is not bcrypt; set it with: posthouse user passwd", damage.get(6));
        assertEquals("line 4 (twice): the name stands there twice, so neither counts", damage.get(2));
        assertFalse(damage.toString().contains("secret-password"));
    }

    @Test
    void seesWhatChanged() throws Exception {
        add("anna");
        AuthFile plugin = plugin();
        Session session = fake(Session.class, Map.of());
        Credentials anna = new Credentials.Password("anna", PASSWORD);
        assertInstanceOf(Answer.Granted.class, plugin.authenticate(session, anna));
        run(new DisableUser(accounts()), Map.of("name", List.of("anna")));
        assertEquals(new Answer.Denied("disabled user"), plugin.authenticate(session, anna));
        run(new EnableUser(accounts), Map.of("name", List.of("anna")));
        run(new ChangePassword(accounts), Map.of("name", List.of("anna"), "password", List.of("another password")));
        assertInstanceOf(Answer.Denied.class, plugin.authenticate(session, anna));
        run(new RemoveUser(accounts), Map.of("name", List.of("anna")));
        assertEquals(new Answer.Denied("unknown user"), plugin.authenticate(session, anna));
        Files.delete(users);
        assertInstanceOf(Answer.Unavailable.class, plugin.authenticate(session, anna));
        assertTrue(plugin.scramKeys("anna").isEmpty());
    }

    @Test
    void healsAPlainPasswordAndKeepsTheRestOfTheLine() throws Exception {
        Files.writeString(users, "anna plain senders=* disabled\n");
        run(new ChangePassword(accounts), Map.of("name", List.of("anna"), "password", List.of(PASSWORD)));
        assertTrue(Files.readString(users).endsWith(" senders=* disabled\n"));
        assertEquals(new Answer.Denied("disabled user"), ask("anna", PASSWORD));
    }

    @Test
    void refusesCommandsThatMeanNothing() throws Exception {
        add("anna");
        String before = Files.readString(users);
        Map<String, List<String>> again = Map.of("name", List.of("ANNA"), "password", List.of(PASSWORD));
        assertThrows(CommandException.class, () -> run(new AddUser(accounts), again));
        Map<String, List<String>> brief = Map.of("name", List.of("bert"), "password", List.of("short"));
        assertThrows(CommandException.class, () -> run(new AddUser(accounts), brief));
        Map<String, List<String>> spaced = Map.of("name", List.of("be rt"), "password", List.of(PASSWORD));
        assertThrows(CommandException.class, () -> run(new AddUser(accounts), spaced));
        Map<String, List<String>> line = Map.of("name", List.of("anna"), "sender", List.of("a@b.test disabled"));
        assertThrows(CommandException.class, () -> run(new SetSenders(accounts), line));
        for (Command command : List.of(new DisableUser(accounts), new EnableUser(accounts), new RemoveUser(accounts))) {
            assertThrows(CommandException.class, () -> run(command, Map.of("name", List.of("bert"))));
        }
        assertEquals(before, Files.readString(users));
    }

    @Test
    void listsUsersWithoutTheirHashes() throws Exception {
        add("anna", "*");
        run(
                new AddUser(accounts),
                Map.of("name", List.of("bert"), "password", List.of(PASSWORD), "no-scram", List.of()));
        run(new DisableUser(accounts), Map.of("name", List.of("bert")));
        Table table = run(new ListUsers(accounts), Map.of());
        assertEquals(
                List.of(List.of("anna", "enabled", "yes", "*"), List.of("bert", "disabled", "no", "itself")),
                table.rows());
    }

    @Test
    void everyCommandSaysWhatItTakes() {
        List<Command> all = List.of(
                new AddUser(accounts),
                new ChangePassword(accounts),
                new DisableUser(accounts),
                new EnableUser(accounts),
                new RemoveUser(accounts),
                new SetSenders(accounts),
                new ListUsers(accounts));
        assertEquals(
                List.of("add", "passwd", "disable", "enable", "remove", "senders", "list"),
                all.stream().map(Command::name).toList());
        assertTrue(
                all.stream().allMatch(c -> c.group().equals("user") && !c.help().isEmpty()));
        assertEquals(1, all.stream().filter(c -> !c.changes()).count());
        assertEquals(
                2,
                all.stream()
                        .flatMap(c -> c.parameters().stream())
                        .filter(p -> p.kind() == Command.Kind.SECRET && p.name().equals("password"))
                        .count());
    }

    private Keys keys(String name) throws IOException {
        return plugin().scramKeys(name).orElseThrow();
    }

    @Test
    void givesKeysOfThePasswordAndStableFalseOnes() throws Exception {
        add("anna");
        Keys real = keys("Anna");
        ScramRecord derived = ScramRecord.of(PASSWORD, real.salt(), real.iterations());
        assertArrayEquals(derived.storedKey(), real.storedKey());
        assertArrayEquals(derived.serverKey(), real.serverKey());
        assertEquals("anna", real.principal());

        accounts = accounts();
        Keys unknown = keys("nobody");
        assertArrayEquals(unknown.salt(), keys("NoBody").salt());
        assertArrayEquals(unknown.storedKey(), keys("nobody").storedKey());
        assertFalse(Arrays.equals(unknown.salt(), keys("nobody2").salt()));
        assertEquals(real.salt().length, unknown.salt().length);
        assertEquals(real.iterations(), unknown.iterations());

        run(new DisableUser(accounts), Map.of("name", List.of("anna")));
        Keys disabled = keys("anna");
        assertArrayEquals(real.salt(), disabled.salt());
        assertFalse(Arrays.equals(real.storedKey(), disabled.storedKey()));
    }

    /** One was set before the cost was raised, one afterwards, and one is not there. */
    @Test
    void takesAsLongForTheUnknownAsForTheKnown() throws Exception {
        add("anna");
        settings.put("cost", 8);
        accounts = accounts();
        add("bert");
        AuthFile plugin = plugin();
        Session session = fake(Session.class, Map.of());
        List<String> names = List.of("anna", "bert", "nobody");
        long[] least = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE};
        for (int i = 0; i < 20; i++) {
            for (int n = 0; n < least.length; n++) {
                Credentials wrong = new Credentials.Password(names.get(n), "x");
                least[n] = Math.min(least[n], nanos(() -> plugin.authenticate(session, wrong)));
            }
        }
        LongSummaryStatistics all = Arrays.stream(least).summaryStatistics();
        assertTrue(all.getMax() < 2 * all.getMin(), () -> Arrays.toString(least));
    }

    /** Of the processor, which other work on this machine does not make more. */
    private static long nanos(Runnable work) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long began = threads.getCurrentThreadCpuTime();
        work.run();
        return threads.getCurrentThreadCpuTime() - began;
    }

    private Transaction transaction(String user) {
        InetSocketAddress nowhere = new InetSocketAddress(0);
        Session session = fake(
                Session.class,
                Map.of("authenticated", !user.isEmpty(), "peer", new Peer(nowhere, nowhere, "TLSv1.3", user)));
        return fake(Transaction.class, Map.of("session", session));
    }

    private Verdict mail(String user, String sender) throws IOException {
        return plugin().onMail(transaction(user), Sender.of(Address.of(sender)));
    }

    private Verdict from(String user, String... fields) throws IOException {
        List<Header> all = Stream.of(fields)
                .map(f -> new Header(f.substring(0, f.indexOf(':')).strip(), f + "\r\n"))
                .toList();
        Headers headers = () -> all;
        return plugin().onMessage(transaction(user), fake(Message.class, Map.of("headers", headers)));
    }

    private static boolean refused(Verdict verdict, int code) {
        return verdict instanceof Verdict.Reject reject && reject.reply().code() == code;
    }

    @Test
    void letsUsersSendAsTheirOwnAddressesOnly() throws Exception {
        add("anna@local.test");
        add("bert", "bert@local.test", "@lists.test");
        add("root", "*");
        assertEquals(Verdict.next(), mail("anna@local.test", "Anna@LOCAL.test"));
        assertTrue(refused(mail("anna@local.test", "bert@local.test"), 553));
        assertTrue(refused(mail("anna@local.test", ""), 553));
        assertEquals(Verdict.next(), mail("bert", "any@lists.test"));
        assertTrue(refused(mail("bert", "any@sub.lists.test"), 553));
        assertTrue(refused(mail("bert", "bert"), 553));
        assertEquals(Verdict.next(), mail("root", "anybody@anywhere.test"));
        assertEquals(Verdict.next(), mail("", "anybody@anywhere.test"));
        settings.put("nullSender", true);
        assertEquals(Verdict.next(), mail("anna@local.test", ""));
        run(new DisableUser(accounts), Map.of("name", List.of("root")));
        assertTrue(refused(mail("root", "anybody@anywhere.test"), 553));
    }

    @Test
    void restrictsThoseWhomAnotherAuthenticatorLetIn() throws Exception {
        assertEquals(Verdict.next(), mail("carl@local.test", "carl@local.test"));
        for (String name : List.of("carl@local.test", "*", "@local.test", "local.test")) {
            assertTrue(refused(mail(name, "bert@local.test"), 553), name);
        }
        settings.put("others", "any");
        assertEquals(Verdict.next(), mail("carl@local.test", "bert@local.test"));
    }

    @Test
    void letsNobodyWriteAnotherIntoTheHeader() throws Exception {
        add("anna@local.test");
        add("root", "*");
        assertEquals(Verdict.next(), from("anna@local.test", "From: Anna <anna@local.test>", "Subject: bert@b.test"));
        for (String field : List.of(
                "From: bert@b.test",
                "FROM: anna@local.test, bert@b.test",
                "Sender: bert@b.test",
                "From: anna",
                "From:",
                "From : bert@b.test")) {
            assertTrue(refused(from("anna@local.test", "From: anna@local.test", field), 550), field);
            assertEquals(Verdict.next(), from("root", field));
            assertEquals(Verdict.next(), from("", field));
        }
    }

    /** RFC 5322 3.6: there is exactly one From. */
    @Test
    void refusesAMessageThatSaysNotFromWhomItIs() throws Exception {
        add("anna@local.test");
        add("root", "*");
        assertTrue(refused(from("anna@local.test", "Subject: x"), 550));
        assertTrue(refused(from("anna@local.test", "Sender: anna@local.test", "Reply-To: anna@local.test"), 550));
        assertTrue(refused(from("carl@local.test", "Subject: x"), 550));
        assertEquals(Verdict.next(), from("root", "Subject: x"));
        assertEquals(Verdict.next(), from("", "Subject: x"));
    }

    @Test
    void failsWhenTheUsersCanNotBeRead() throws Exception {
        add("anna@local.test");
        AuthFile plugin = plugin();
        Files.delete(users);
        assertThrows(
                IllegalStateException.class,
                () -> plugin.onMail(transaction("anna@local.test"), Sender.of(Address.of("anna@local.test"))));
        Credentials anna = new Credentials.Password("anna@local.test", PASSWORD);
        assertInstanceOf(Answer.Unavailable.class, plugin.authenticate(fake(Session.class, Map.of()), anna));
    }
}
