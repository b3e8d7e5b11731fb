// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;
import org.posthouse.testkit.server.SinkServer;

/** Users submit mail with other people's clients, and those who guess passwords are slowed and refused. */
@Order(1)
@Execution(ExecutionMode.CONCURRENT)
class AuthIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final Path SUITES = Path.of(System.getProperty("posthouse.suites", "../../../shared/suites"))
            .toAbsolutePath()
            .normalize();

    /** Of "correct horse"; the bcrypt of bert is of "password", made by crypt(3). */
    private static final String HASH = "$2b$10$crMQI0ox/xRESRzmjqOUju.0RXorCnZ27kaGPNmaX6LvPuzjutiMC";

    private static final String USERS = """
            # The users of this test.
            anna@local.test @HASH@ scram=4096:@SCRAM@
            bert $2y$05$abcdefghijklmnopqrstuuWG29KuyeAicPCJODk1zjyGvyQUU2awu senders=bert@local.test,@lists.test
            carl@local.test @HASH@ disabled
            dora@local.test correct-horse
            sender@example.com @HASH@
            """;

    /** What every script begins with: a session to port argv[1] from address argv[2], over TLS. */
    private static final String PYTHON = """
            import base64, hashlib, hmac, os, smtplib, ssl, sys, time
            from email.message import EmailMessage
            ctx = ssl._create_unverified_context()
            def connect(source='127.0.0.1'):
                port = int(sys.argv[1])
                if sys.argv[2] == 'implicit':
                    s = smtplib.SMTP_SSL('127.0.0.1', port, source_address=(source, 0), context=ctx); s.ehlo(); return s
                s = smtplib.SMTP('127.0.0.1', port, source_address=(source, 0)); s.ehlo(); s.starttls(context=ctx); s.ehlo()
                return s
            def plain(s, user, password):
                return s.docmd('AUTH', 'PLAIN ' + base64.b64encode(('\\0' + user + '\\0' + password).encode()).decode())
            def want(reply, code):
                assert reply[0] == code, reply
            """;

    @TempDir
    Path folder;

    private int implicit;

    @BeforeEach
    void needsPython() {
        assumeTrue(Tool.exists("python3"), "python3 is not installed");
    }

    private Daemon daemon() throws IOException {
        implicit = Ports.free();
        Daemon daemon = Daemon.in(folder).plugin("auth-file", "scramIterations: 4096\n");
        Files.createDirectories(daemon.data());
        Files.writeString(
                daemon.data().resolve("users"),
                USERS.replace("@HASH@", HASH).replace("@SCRAM@", scram("correct horse")));
        daemon.start();
        daemon.write(
                "posthouse.yaml",
                Files.readString(daemon.configuration())
                        .replace(
                                "smtp:\n",
                                "smtp:\n  submissions: { address: \"127.0.0.1:" + implicit
                                        + "\", profile: submission, tls: implicit }\n"));
        listens(daemon, implicit);
        return daemon;
    }

    private static void listens(Daemon daemon, int port) {
        Await.until(() -> "listener on " + port + "\n" + daemon.log(), SOON, () -> {
            new java.net.Socket("127.0.0.1", port).close();
            return true;
        });
    }

    private static String scram(String password) {
        return Tool.run(SOON, "python3", "-c", """
                import base64, hashlib, hmac, sys
                salt = b'salt of sixteen!'
                salted = hashlib.pbkdf2_hmac('sha256', sys.argv[1].encode(), salt, 4096)
                key = hashlib.sha256(hmac.digest(salted, b'Client Key', 'sha256')).digest()
                print(':'.join(base64.b64encode(x).decode() for x in (salt, key, hmac.digest(salted, b'Server Key', 'sha256'))))
                """, password)
                .mustSucceed()
                .output()
                .strip();
    }

    private Tool python(Daemon daemon, boolean atOnce, String script) {
        int port = atOnce ? implicit : daemon.submission;
        return Tool.run(SOON, "python3", "-c", PYTHON + script, "" + port, atOnce ? "implicit" : "starttls")
                .mustSucceed();
    }

    @Test
    void usersSubmitWithSmtplibAndSwaks() throws Exception {
        try (Daemon daemon = daemon();
                SinkServer sink = new SinkServer(daemon.next)) {
            String letter = """
                    m = EmailMessage(); m['From'] = 'Anna <anna@local.test>'; m['To'] = 'b@dst.test'; m.set_content('hello')
                    with connect() as s:
                        s.login('Anna@local.test', 'correct horse'); s.send_message(m)
                    """;
            python(daemon, false, letter);
            python(daemon, true, letter);
            Await.until("delivery", SOON, () -> sink.messages() == 2);
            String received = sink.arrivals().getFirst().header("Received");
            assertTrue(received.contains("with ESMTPSA"), received);
            if (Tool.exists("swaks")) {
                for (String mechanism : List.of("PLAIN", "LOGIN")) {
                    swaks(mechanism, "correct horse", "--tls", daemon.submission)
                            .mustSucceed();
                    swaks(mechanism, "correct horse", "--tls-on-connect", implicit)
                            .mustSucceed();
                }
                Await.until("delivery", SOON, () -> sink.messages() == 6);
                Tool wrong = swaks("PLAIN", "wrong horse", "--tls", daemon.submission);
                assertEquals(28, wrong.status(), wrong.output());
                assertTrue(wrong.output().contains("535 5.7.8"), wrong.output());
            }
            String events = daemon.events();
            assertTrue(events.contains("\"authentication\""), events);
            assertFalse(events.contains("horse"), events);
        }
    }

    private static Tool swaks(String mechanism, String password, String tls, int port) {
        return Tool.run(
                SOON,
                "swaks",
                "--server",
                "127.0.0.1:" + port,
                tls,
                "--auth",
                mechanism,
                "--auth-user",
                "anna@local.test",
                "--auth-password",
                password,
                "--from",
                "anna@local.test",
                "--to",
                "b@dst.test");
    }

    @Test
    void provesThePasswordByScramToAClientThatChecksTheServer() throws Exception {
        try (Daemon daemon = daemon()) {
            for (boolean atOnce : List.of(false, true)) {
                python(daemon, atOnce, """
                        def scram(user, password):
                            s = connect()
                            assert 'SCRAM-SHA-256' in s.esmtp_features['auth'], s.esmtp_features
                            bare = 'n=' + user + ',r=' + base64.b64encode(os.urandom(18)).decode()
                            code, text = s.docmd('AUTH', 'SCRAM-SHA-256 ' + base64.b64encode(('n,,' + bare).encode()).decode())
                            assert code == 334, (code, text)
                            first = base64.b64decode(text).decode()
                            r, salt, i = (part[2:] for part in first.split(','))
                            salted = hashlib.pbkdf2_hmac('sha256', password.encode(), base64.b64decode(salt), int(i))
                            key = hmac.digest(salted, b'Client Key', 'sha256')
                            last = 'c=biws,r=' + r
                            message = ','.join((bare, first, last)).encode()
                            signed = hmac.digest(hashlib.sha256(key).digest(), message, 'sha256')
                            proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, signed))).decode()
                            code, text = s.docmd(base64.b64encode((last + ',p=' + proof).encode()).decode())
                            if code != 334:
                                return code
                            server = hmac.digest(hmac.digest(salted, b'Server Key', 'sha256'), message, 'sha256')
                            assert base64.b64decode(text).decode() == 'v=' + base64.b64encode(server).decode()
                            return s.docmd('')[0]
                        assert scram('anna@local.test', 'correct horse') == 235
                        assert scram('ANNA@local.test', 'correct horse') == 235
                        assert scram('anna@local.test', 'wrong horse') == 535
                        assert scram('nobody@local.test', 'correct horse') == 535
                        assert scram('carl@local.test', 'correct horse') == 535
                        """);
            }
        }
    }

    @Test
    void usersSendAsThemselvesAlone() throws Exception {
        try (Daemon daemon = daemon()) {
            python(daemon, true, """
                    s = connect()
                    want(s.docmd('MAIL', 'FROM:<bert@local.test>'), 530)
                    want(plain(s, 'bert', 'password'), 235)
                    want(s.docmd('MAIL', 'FROM:<anna@local.test>'), 553)
                    want(s.docmd('MAIL', 'FROM:<>'), 553)
                    for header, code in (('From: Bert <bert@local.test>', 250), ('From: news@lists.test', 250),
                            ('From: anna@local.test', 550), ('Date: Mon, 5 Jan 2026 12:00:00 +0000', 550),
                            ('From: bert@local.test\\r\\nSender: anna@local.test', 550)):
                        want(s.docmd('MAIL', 'FROM:<bert@local.test>'), 250)
                        want(s.docmd('RCPT', 'TO:<b@dst.test>'), 250)
                        want(s.data(header + '\\r\\nSubject: x\\r\\n\\r\\nhello\\r\\n'), code)
                    """);
        }
    }

    /** What the operator says counts at once, for a server that had no file of users when it started. */
    @Test
    void usersComeAndGoByCommand() throws Exception {
        try (Daemon daemon = Daemon.in(folder).plugin("auth-file", "{}\n").start()) {
            listens(daemon, daemon.submission);
            String login = """
                    s = connect('127.0.4.%s'); want(plain(s, 'eva@local.test', '%s'), %s)
                    """;
            user(daemon, "correct horse", "add eva@local.test --password-stdin");
            assertTrue(Files.readString(daemon.data().resolve("users")).startsWith("eva@local.test $2b$11$"));
            python(daemon, false, login.formatted(1, "correct horse", 235) + """
                    want(s.docmd('MAIL', 'FROM:<eva@local.test>'), 250)
                    want(s.docmd('RSET'), 250)
                    want(s.docmd('MAIL', 'FROM:<news@lists.test>'), 553)
                    """);
            user(daemon, "another horse", "passwd eva@local.test --password-stdin");
            user(daemon, "", "senders eva@local.test --sender @lists.test");
            python(
                    daemon,
                    false,
                    login.formatted(2, "correct horse", 535) + login.formatted(1, "another horse", 235) + """
                    want(s.docmd('MAIL', 'FROM:<eva@local.test>'), 553)
                    want(s.docmd('MAIL', 'FROM:<news@lists.test>'), 250)
                    """);
            user(daemon, "", "disable eva@local.test");
            python(daemon, false, login.formatted(3, "another horse", 535));
            user(daemon, "", "enable eva@local.test");
            python(daemon, false, login.formatted(1, "another horse", 235));
            assertTrue(user(daemon, "", "list").output().contains("@lists.test"));
            user(daemon, "", "remove eva@local.test");
            python(daemon, false, login.formatted(4, "another horse", 535));
            assertFalse(daemon.log().contains("horse"), daemon.log());
        }
    }

    private static Tool user(Daemon daemon, String input, String command) {
        String line = "echo \"$2\" | \"$0\" user " + command + " --config \"$1\"";
        String program = Daemon.HOME.resolve("bin/posthouse").toString();
        return Tool.run(SOON, "sh", "-c", line, program, daemon.configuration().toString(), input)
                .mustSucceed();
    }

    /** Restarts are no way to more guesses: what was counted stands in the spool. */
    @Test
    void whoWasRefusedStaysRefusedAfterARestart() throws Exception {
        try (Daemon daemon = daemon()) {
            python(daemon, true, """
                    s = connect('127.0.5.1')
                    for n in range(10):
                        want(plain(s, 'user%d' % n, 'guess'), 535)
                    want(plain(s, 'anna@local.test', 'correct horse'), 421)
                    """);
            assertEquals(0, daemon.stop());
            daemon.launch();
            listens(daemon, implicit);
            python(daemon, true, """
                    want(plain(connect('127.0.5.1'), 'anna@local.test', 'correct horse'), 421)
                    want(plain(connect('127.0.5.2'), 'anna@local.test', 'correct horse'), 235)
                    """);
        }
    }

    @Test
    void saysTheSameAfterTheSameTimeToEveryoneWhoIsNotLetIn() throws Exception {
        try (Daemon daemon = daemon()) {
            Tool times = python(daemon, true, """
                    replies = set(); times = []
                    cases = [('anna@local.test', 'wrong'), ('nobody@local.test', 'wrong'), ('carl@local.test', 'correct horse'),
                        ('carl@local.test', 'wrong'), ('dora@local.test', 'correct-horse'), ('bert', 'wrong')]
                    for n, (user, password) in enumerate(cases):
                        s = connect('127.0.1.%d' % (n + 1)); began = time.time()
                        replies.add(plain(s, user, password)); times.append((time.time() - began) % 1.0)
                    assert len(replies) == 1, replies
                    print('%.3f' % (max(times) - min(times)))
                    """);
            System.out.println(
                    "spread of the time of failures: " + times.output().strip() + " s");
            assertTrue(Double.parseDouble(times.output().strip()) < 0.5, times.output());
            assertTrue(daemon.log().contains("(dora@local.test): the password is not hashed"), daemon.log());
        }
    }

    @Test
    void whoGuessesIsSlowedAndThenRefused() throws Exception {
        try (Daemon daemon = daemon()) {
            Tool guesses = python(daemon, true, """
                    s = connect('127.0.2.1'); times = []
                    for n in range(10):
                        began = time.time(); want(plain(s, 'user%d' % n, 'guess'), 535); times.append(time.time() - began)
                    want(plain(s, 'anna@local.test', 'correct horse'), 421)
                    want(plain(connect('127.0.2.1'), 'anna@local.test', 'correct horse'), 421)
                    want(plain(connect('127.0.2.2'), 'anna@local.test', 'correct horse'), 235)
                    assert times[0] > 0.9 and times[9] > 9.5 and all(a < b + 0.3 for a, b in zip(times, times[1:])), times
                    print(' '.join('%.1f' % t for t in times))
                    """);
            System.out.println(
                    "seconds of failures in turn: " + guesses.output().strip());
            assertTrue(daemon.events().contains("\"exhausted\""));
        }
    }

    @Test
    void aLostPluginLetsNobodyIn() throws Exception {
        try (Daemon daemon = daemon()) {
            python(daemon, true, "want(plain(connect(), 'anna@local.test', 'correct horse'), 235)");
            Files.delete(daemon.data().resolve("plugins/auth-file.jar"));
            Await.until(
                    () -> daemon.log(),
                    SOON,
                    () -> python(daemon, true, """
                            reply = plain(connect(), 'anna@local.test', 'correct horse')
                            assert reply[0] in (235, 454), reply
                            print(reply[0])
                            """).output().startsWith("454"));
        }
    }

    @Test
    void standsTheConformanceSuiteOverStartTls() throws Exception {
        suite(false);
    }

    @Test
    void standsTheConformanceSuiteOverImplicitTls() throws Exception {
        suite(true);
    }

    /** One server each: the suite ends with guesses until its address is refused, and that is remembered. */
    private void suite(boolean atOnce) throws IOException {
        assumeTrue(Files.isDirectory(SUITES.resolve("run")), "no conformance suites at " + SUITES);
        try (Daemon daemon = daemon()) {
            Tool suite = Tool.run(
                    Duration.ofMinutes(10),
                    Map.of("PYTHONDONTWRITEBYTECODE", "1"),
                    List.of(
                            "python3",
                            SUITES.resolve("run/smtp_blackbox.py").toString(),
                            "127.0.0.1",
                            "" + (atOnce ? implicit : daemon.submission),
                            "--submission",
                            "--auth",
                            "sender@example.com:correct horse",
                            "--only",
                            "^auth-",
                            atOnce ? "--tls" : "--starttls"));
            String[] lines = suite.output().strip().split("\n");
            System.out.println("suite AUTH: " + lines[lines.length - 1]);
            assertFalse(suite.output().contains("\nFAIL"), suite.output());
            suite.mustSucceed();
        }
    }
}
