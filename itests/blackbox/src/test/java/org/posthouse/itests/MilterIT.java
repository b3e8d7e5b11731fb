// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Other people's filters judge our mail: OpenDKIM and a milter of pymilter, and postgrey by Postfix's policy protocol. */
class MilterIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String PYTHON = "/usr/bin/python3";

    /** What this milter does is said by the subject, so that one session can show all of it. */
    private static final String ALL_EDITS = """
            import sys, Milter
            class All(Milter.Base):
                def say(self, what):
                    with open(sys.argv[2], 'a') as log: log.write(what + '\\n')
                def connect(self, host, family, address):
                    self.say('connect ' + host); return Milter.CONTINUE
                def hello(self, name):
                    self.say('hello ' + name); return Milter.CONTINUE
                def envfrom(self, path, *parameters):
                    self.subject = ''; self.body_length = 0
                    self.say('envfrom ' + path + ' ' + ' '.join(parameters)); return Milter.CONTINUE
                def envrcpt(self, path, *parameters):
                    self.say('envrcpt ' + path)
                    if path.startswith('<no@'):
                        self.setreply('550', '5.7.1', 'not here,', '100%% sure')
                        return Milter.REJECT
                    return Milter.CONTINUE
                def header(self, name, value):
                    if name.lower() == 'subject': self.subject = value
                    return Milter.CONTINUE
                def body(self, chunk):
                    self.body_length += len(chunk); return Milter.CONTINUE
                def eom(self):
                    if self.subject == 'discard': return Milter.DISCARD
                    if self.subject == 'quarantine':
                        self.quarantine('looks odd'); return Milter.CONTINUE
                    if self.subject == 'plain': return Milter.CONTINUE
                    self.progress()
                    self.addheader('X-Added', 'one\\n\\ttwo')
                    self.addheader('X-Top', 'top', 1)
                    self.chgheader('Subject', 1, 'changed')
                    self.chgheader('X-Gone', 2, None)
                    self.addheader('X-Seen', '%s %s %s %d' % (
                        self.getsymval('i'), self.getsymval('j'), self.getsymval('{mail_addr}'), self.body_length))
                    self.chgfrom('<changed@src.test>', 'RET=HDRS')
                    self.addrcpt('<extra@local.test>', 'NOTIFY=NEVER')
                    self.delrcpt('<user@local.test>')
                    for i in range(100): self.replacebody(b'0123456789\\r\\n' * 1000)
                    return Milter.ACCEPT
                def abort(self):
                    self.say('abort'); return Milter.CONTINUE
                def close(self):
                    self.say('close'); return Milter.CONTINUE
            Milter.factory = All
            Milter.set_flags(Milter.ADDHDRS + Milter.CHGHDRS + Milter.CHGBODY + Milter.ADDRCPT + Milter.ADDRCPT_PAR
                + Milter.DELRCPT + Milter.CHGFROM + Milter.QUARANTINE)
            Milter.runmilter('all', sys.argv[1], 60)
            """;

    @TempDir
    Path folder;

    @Test
    void openDkimSignsAndAnotherOneVerifiesWhatTheFirstLeft() throws Exception {
        assumeTrue(Tool.exists("opendkim"), "opendkim is not installed");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair keys = generator.generateKeyPair();
        int port = Ports.free();
        Path socket = folder.resolve("verifier.sock");
        Daemon daemon = Daemon.in(folder).plugin("milter", """
                milters:
                  - "127.0.0.1:%d name=signer"
                  - "unix:%s name=verifier"
                hostname: mx.local.test
                resolveClients: false
                pause: 0s
                """.formatted(port, socket));
        try (daemon;
                Neighbour verifier = openDkim("verifier", "local:" + socket, "v", keys);
                SinkServer sink = new SinkServer(daemon.next)) {
            Neighbour signer = openDkim("signer", "inet:" + port + "@127.0.0.1", "s", keys);
            try (signer) {
                Await.until(signer::log, SOON, () -> connects(signer, port));
                Await.until(verifier::log, SOON, () -> Files.exists(socket));
                daemon.start();
                try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
                    for (int i = 1; i <= 2; i++) {
                        String letter = letter("s" + i, "line one  \r\n\r\nline three\r\n\r\n".repeat(i * 4000));
                        client.deliver("a@src.test", "user@local.test", letter).transform(MilterIT::taken);
                    }
                    client.say("QUIT").expect("221");
                }
                Await.until(() -> daemon.log() + signer.log(), SOON, () -> sink.messages() == 2);
                for (SinkServer.Arrival arrival : sink.arrivals()) {
                    assertTrue(arrival.header("DKIM-Signature").contains("d=src.test; s=sel"), arrival::head);
                    assertTrue(arrival.header("Authentication-Results").startsWith("verifier.test"), arrival::head);
                    assertTrue(arrival.header("Authentication-Results").contains("dkim=pass"), arrival::head);
                    assertFalse(arrival.head().contains("dkim=fail"), arrival::head);
                }
                // What arrived is what was signed: sent again, both signatures are good.
                SinkServer.Arrival first = sink.arrivals().getFirst();
                String again = first.head().replaceFirst("(?s)Authentication-Results: .*?\r\n(?=[^ \t])", "");
                try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
                    taken(client.deliver("a@src.test", "user@local.test", again + first.body()));
                }
                Await.until(daemon::log, SOON, () -> sink.messages() == 3);
                String twice = sink.arrivals().get(2).head();
                assertEquals(2, twice.split("dkim=pass", -1).length - 1, twice);
            }
            try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
                client.say("MAIL FROM:<a@src.test>").expect("451 4.7.1");
            }
            Await.until(daemon::log, SOON, () -> daemon.log().contains("milter signer gives no answer"));
            String metrics = Http.send("GET", "http://127.0.0.1:" + daemon.metrics + "/metrics")
                    .body();
            assertTrue(
                    metrics.lines()
                            .anyMatch(line -> line.matches("posthouse_milter_answers_total\\{.*signer.*} [1-9].*")),
                    () -> metrics.lines()
                            .filter(line -> line.contains("milter"))
                            .toList()
                            .toString());
        }
    }

    private static boolean connects(Neighbour neighbour, int port) throws IOException {
        neighbour.mustLive();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        }
    }

    private static String letter(String subject, String body) {
        return "From: a@src.test\r\nTo: user@local.test\r\nSubject: " + subject
                + "\r\nX-Gone: stays\r\nX-Gone: goes\r\n" + "Date: Mon, 05 Jan 2026 12:00:00 +0000\r\nMessage-ID: <"
                + subject + "@src.test>\r\n\r\n" + body;
    }

    private static String taken(String reply) {
        assertTrue(reply.startsWith("250"), reply);
        return reply;
    }

    private Neighbour openDkim(String name, String socket, String mode, KeyPair keys) throws IOException {
        Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
        Path key = Files.writeString(
                folder.resolve(name + ".pem"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + lines.encodeToString(keys.getPrivate().getEncoded()) + "\n-----END PRIVATE KEY-----\n");
        String record = "v=DKIM1; k=rsa; p="
                + Base64.getEncoder().encodeToString(keys.getPublic().getEncoded());
        Path dns = Files.writeString(folder.resolve(name + ".dns"), "sel._domainkey.src.test " + record + "\n");
        // Who is internal is signed for and not verified.
        Path internal =
                Files.writeString(folder.resolve(name + ".hosts"), mode.equals("s") ? "127.0.0.1\n" : "192.0.2.1\n");
        Path configuration = Files.writeString(folder.resolve(name + ".conf"), """
                Socket %s
                Mode %s
                Domain src.test
                Selector sel
                KeyFile %s
                RequireSafeKeys no
                TestDNSData file:%s
                InternalHosts %s
                AuthservID %s.test
                Canonicalization relaxed/simple
                Background no
                Syslog no
                LogWhy no
                PidFile %s
                UserID %s
                """.formatted(
                        socket,
                        mode,
                        key,
                        dns,
                        internal,
                        name,
                        folder.resolve(name + ".pid"),
                        System.getProperty("user.name")));
        return new Neighbour(folder, name, List.of("opendkim", "-f", "-x", configuration.toString()));
    }

    @Test
    void aMilterOfPymilterDoesEveryEdit() throws Exception {
        assumeTrue(Tool.run(SOON, PYTHON, "-c", "import Milter").status() == 0, "python3-milter is not installed");
        Path script = Files.writeString(folder.resolve("all.py"), ALL_EDITS);
        Path said = Files.writeString(folder.resolve("said"), "");
        int port = Ports.free();
        Daemon daemon = Daemon.in(folder).plugin("milter", """
                milters: ["127.0.0.1:%d name=all"]
                hostname: mx.local.test
                resolveClients: false
                pause: 0s
                """.formatted(port));
        List<String> command = List.of(PYTHON, script.toString(), "inet:" + port + "@127.0.0.1", said.toString());
        try (daemon;
                Neighbour milter = new Neighbour(folder, "all", command);
                SinkServer sink = new SinkServer(daemon.next)) {
            Await.until(milter::log, SOON, () -> connects(milter, port));
            daemon.start();
            try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
                client.say("MAIL FROM:<a@src.test> SIZE=1000").expect("250");
                client.say("RCPT TO:<no@local.test>").expect("550 5.7.1 not here, 100% sure");
                client.say("RSET").expect("250");
                String id = taken(
                                client.deliver("a@src.test", "user@local.test", letter("edit", "x\r\n".repeat(50_000))))
                        .replaceAll(".*queued as (\\w+).*", "$1");
                Await.until(daemon::log, SOON, () -> sink.messages() == 1);
                edited(sink.arrivals().getFirst(), id);
                taken(client.deliver("a@src.test", "user@local.test", letter("discard", "x\r\n")));
                String held = taken(client.deliver("a@src.test", "user@local.test", letter("quarantine", "x\r\n")))
                        .replaceAll(".*queued as (\\w+).*", "$1");
                String shown = daemon.cli("queue", "show", held).mustSucceed().output();
                assertTrue(shown.contains("milter all: looks odd"), shown);
                daemon.cli("queue", "release", held).mustSucceed();
                taken(client.deliver("a@src.test", "user@local.test", letter("plain", "x\r\n")));
                client.say("QUIT").expect("221");
            }
            Await.until(daemon::log, SOON, () -> sink.messages() == 3);
            List<String> subjects = sink.arrivals().stream()
                    .map(arrival -> arrival.header("Subject"))
                    .sorted()
                    .toList();
            assertEquals(List.of("changed", "plain", "quarantine"), subjects);
            Await.until(
                    () -> "close: " + milter.log(),
                    SOON,
                    () -> Files.readString(said).endsWith("close\n"));
            List<String> steps = Files.readAllLines(said).stream()
                    .dropWhile(line -> !line.startsWith("hello client.test"))
                    .toList();
            assertEquals(
                    List.of(
                            "hello client.test",
                            "envfrom <a@src.test> SIZE=1000",
                            "envrcpt <no@local.test>",
                            "abort",
                            "envfrom <a@src.test> ",
                            "envrcpt <user@local.test>"),
                    steps.subList(0, 6));
        }
    }

    private static void edited(SinkServer.Arrival arrival, String id) {
        assertTrue(arrival.from().startsWith("MAIL FROM:<changed@src.test>"), arrival::from);
        assertEquals(1, arrival.recipients().size(), arrival.recipients()::toString);
        assertTrue(arrival.recipients().getFirst().startsWith("RCPT TO:<extra@local.test>"));
        assertEquals("changed", arrival.header("Subject"));
        assertTrue(arrival.head().contains("\r\nX-Added: one\r\n\ttwo\r\n"), arrival::head);
        assertEquals(id + " mx.local.test a@src.test 150000", arrival.header("X-Seen"));
        assertTrue(arrival.head().contains("\r\nX-Gone: stays\r\n"), arrival::head);
        assertFalse(arrival.head().contains("X-Gone: goes"), arrival::head);
        String fields = arrival.head().replaceFirst("(?s)^Received: .*?\r\n(?=[^ \t])", "");
        assertTrue(fields.startsWith("X-Top: top\r\n"), arrival::head);
        assertEquals(1_200_000, arrival.bodyOctets());
        assertTrue(arrival.body().startsWith("0123456789\r\n0123456789\r\n"), arrival::body);
    }

    @Test
    void postgreyDefersAStrangerAndLetsHimPassLater() throws Exception {
        assumeTrue(Tool.exists("postgrey"), "postgrey is not installed");
        int port = Ports.free();
        Path base = Files.createDirectories(folder.resolve("postgrey"));
        String user = System.getProperty("user.name");
        List<String> command = List.of(
                "postgrey",
                "--inet=127.0.0.1:" + port,
                "--dbdir=" + base,
                "--delay=2",
                "--user=" + user,
                "--group=" + user,
                "--greylist-text=Greylisted for %s seconds");
        Daemon daemon = Daemon.in(folder)
                .plugin("postfix-policy", "address: 127.0.0.1:" + port + "\nresolveClients: false\npause: 0s\n");
        try (daemon;
                SinkServer sink = new SinkServer(daemon.next)) {
            try (Neighbour postgrey = new Neighbour(folder, "postgrey", command)) {
                Await.until(postgrey::log, SOON, () -> connects(postgrey, port));
                daemon.start();
                try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
                    client.say("MAIL FROM:<a@src.test>").expect("250");
                    client.say("RCPT TO:<user@local.test>").expect("450 4.2.0 Greylisted for 2 seconds");
                    Await.until(
                            () -> "the delay\n" + postgrey.log(),
                            SOON,
                            () -> client.say("RCPT TO:<user@local.test>")
                                    .reply()
                                    .startsWith("250"));
                    client.say("DATA").expect("354");
                    client.say(letter("grey", "x\r\n") + ".").expect("250");
                }
                Await.until(daemon::log, SOON, () -> sink.messages() == 1);
                assertTrue(
                        sink.arrivals().getFirst().header("X-Greylist").startsWith("delayed "),
                        sink.arrivals().getFirst().head());
            }
            try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
                client.say("MAIL FROM:<a@src.test>").expect("250");
                client.say("RCPT TO:<user@local.test>").expect("451 4.3.5");
            }
            try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
                client.say("MAIL FROM:<a@src.test>").expect("250");
                client.say("RCPT TO:<user@local.test>").expect("250");
            }
        }
    }
}
