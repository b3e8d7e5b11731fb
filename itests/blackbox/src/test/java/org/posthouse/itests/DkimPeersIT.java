// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Our signatures are right for somebody else's verifier, and somebody else's for ours: Debian's python3-dkim. */
class DkimPeersIT {
    private static final String PYTHON = "/usr/bin/python3";
    private static final int LETTERS = Scale.of(100, 1000);
    private static final Duration SOON = Duration.ofSeconds(Scale.of(60, 600));
    private static final Pattern RECORD = Pattern.compile("\"(v=DKIM1;[^\"]*)\"(?: \"([^\"]*)\")?");
    private static final List<String> FORMS =
            List.of("relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed");

    /** Checks every signature of every file; says which are wrong, then how many there were. */
    private static final String VERIFY = """
            import dkim, pathlib, sys
            zone = dict(l.rstrip('\\n').split(' ', 1) for l in open(sys.argv[2]))
            text = lambda name, timeout=5: zone[name.decode().rstrip('.')].encode()
            count = 0
            for f in sorted(pathlib.Path(sys.argv[1]).iterdir()):
                message = f.read_bytes()
                names = [n.lower() for n, v in dkim.rfc822_parse(message)[0]]
                for i in range(names.count(b'dkim-signature')):
                    count += 1
                    try:
                        if not dkim.DKIM(message).verify(i, dnsfunc=text): print(f.name, i, 'wrong')
                    except Exception as e: print(f.name, i, repr(e))
            print(count, 'checked')
            """;

    /** Signs every file in a way that its number chooses. */
    private static final String SIGN = """
            import base64, dkim, pathlib, re, sys
            pem = {a: open(p, 'rb').read() for a, p in zip((b'rsa-sha256', b'ed25519-sha256'), sys.argv[3:5])}
            der = base64.b64decode(b''.join(pem[b'ed25519-sha256'].split(b'\\n')[1:-2]))
            key = {b'rsa-sha256': pem[b'rsa-sha256'], b'ed25519-sha256': base64.b64encode(der[-32:])}
            forms = [(h, b) for h in (b'simple', b'relaxed') for b in (b'simple', b'relaxed')]
            for n, f in enumerate(sorted(pathlib.Path(sys.argv[1]).iterdir())):
                message = f.read_bytes()
                algorithm = (b'rsa-sha256', b'ed25519-sha256')[n % 2]
                names = [n.lower() for n, v in dkim.rfc822_parse(message)[0]]
                field = dkim.sign(message, (b'r1', b'e1')[n % 2], b'signer.test', key[algorithm], canonicalize=forms[n // 2 % 4],
                                  signature_algorithm=algorithm, length=n % 5 == 0,
                                  include_headers=[x for x in names if not x.startswith(b'x-')])
                (pathlib.Path(sys.argv[2]) / f.name).write_bytes(field + message)
            """;

    @TempDir
    Path folder;

    private final Random random = new Random(6376);

    @BeforeEach
    void needsThePeer() {
        assumeTrue(
                Tool.run(SOON, "sh", "-c", PYTHON + " -c 'import dkim, nacl'").status() == 0,
                "python3-dkim and python3-nacl are not installed");
    }

    private Daemon daemon() {
        return Daemon.in(folder.resolve("server")).plugin("dkim-sign", signs(FORMS.getFirst()));
    }

    private static String signs(String form) {
        String[] two = form.split("/");
        return "fieldForm: " + two[0] + "\nbodyForm: " + two[1] + "\n";
    }

    /** Makes both keys; gives their records by name. */
    private static Map<String, String> keys(Daemon daemon) {
        Map<String, String> zone = new TreeMap<>();
        for (String[] key : new String[][] {{"r1", "rsa"}, {"e1", "ed25519"}}) {
            String said = daemon.cli("dkim", "generate", "signer.test", key[0], "--type", key[1])
                    .mustSucceed()
                    .output();
            Matcher record = RECORD.matcher(said);
            if (!record.find()) {
                throw new AssertionError(said);
            }
            zone.put(
                    key[0] + "._domainkey.signer.test",
                    record.group(1) + (record.group(2) == null ? "" : record.group(2)));
        }
        return zone;
    }

    @Test
    void verifiesWhatWeSign() throws Exception {
        Path arrived = Files.createDirectories(folder.resolve("arrived"));
        Map<String, OddLetter> sent = new HashMap<>();
        try (Daemon daemon = daemon().start();
                SinkServer sink = new SinkServer(daemon.next)) {
            Map<String, String> zone = keys(daemon);
            for (String form : FORMS) {
                daemon.plugin("dkim-sign", signs(form));
                awaitForm(daemon, sink, form);
                try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
                    for (int i = 0; i < LETTERS / FORMS.size(); i++) {
                        OddLetter letter = letter(form.replace('/', '-') + "-" + i, i);
                        sent.put(letter.id(), letter);
                        send(client, letter.text(), letter.body().length() < 100_000 && i % 6 == 0);
                    }
                }
            }
            Await.until("all to arrive", SOON, () -> letters(sink, sent).size() == sent.size());
            for (SinkServer.Arrival arrival : letters(sink, sent).values()) {
                OddLetter letter = sent.get(arrival.header("X-Letter"));
                boolean whole = arrival.bodyOctets() == arrival.body().length();
                String body = whole ? arrival.body() : letter.body();
                assertEquals(body.length(), arrival.bodyOctets());
                Files.writeString(arrived.resolve(letter.id()), arrival.head() + body, StandardCharsets.ISO_8859_1);
            }
            assertEquals(2 * LETTERS + " checked", peer(VERIFY, arrived.toString(), zoneFile(zone)));
        }
    }

    @Test
    void signsWhatWeVerify() throws Exception {
        Path plain = Files.createDirectories(folder.resolve("plain"));
        Path signed = Files.createDirectories(folder.resolve("signed"));
        try (TextZone zone = new TextZone();
                Daemon daemon = daemon()) {
            daemon.plugin("dkim-verify", "onFail: mark\n");
            daemon.configure();
            daemon.write(
                    "posthouse.yaml",
                    Files.readString(daemon.configuration())
                            .replace("127.0.0.1:1\"]", "127.0.0.1:" + zone.port() + "\"]"));
            daemon.launch();
            keys(daemon).forEach(zone::put);
            for (int i = 0; i < LETTERS; i++) {
                OddLetter letter = letter("theirs-%04d".formatted(i), i);
                Files.writeString(plain.resolve(letter.id()), letter.text(), StandardCharsets.ISO_8859_1);
            }
            Path keys = daemon.data().resolve("dkim");
            peer(
                    SIGN,
                    plain.toString(),
                    signed.toString(),
                    keys.resolve("signer.test.r1.pem").toString(),
                    keys.resolve("signer.test.e1.pem").toString());
            try (SinkServer sink = new SinkServer(daemon.next)) {
                sendAll(daemon, signed);
                Await.until("all to arrive", SOON, () -> sink.messages() == 2 * LETTERS);
                List<String> wrong = new ArrayList<>();
                for (SinkServer.Arrival arrival : sink.arrivals()) {
                    String result = arrival.header("Authentication-Results");
                    boolean altered = arrival.header("X-Altered").equals("yes");
                    if (!result.contains(altered ? "dkim=fail" : "dkim=pass")) {
                        wrong.add(arrival.header("X-Letter") + (altered ? " altered: " : ": ") + result);
                    }
                }
                assertEquals(List.of(), wrong);
            }
        }
    }

    /** Sends each file as a stranger, once as it is and once altered where it is signed. */
    private static void sendAll(Daemon daemon, Path files) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(daemon.mx);
                var all = Files.list(files)) {
            for (Path file : all.sorted().toList()) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                send(client, text, false);
                send(client, "X-Altered: yes\r\n" + text.replace("Date: Sat,", "Date: Sun,"), false);
            }
        }
    }

    /** A letter; the first of a full run has 10 MB. */
    private OddLetter letter(String id, int number) {
        return Scale.FULL && number == 0 ? OddLetter.large(id, random, 10_000_000) : OddLetter.random(id, random);
    }

    private static void send(SmtpClient client, String text, boolean cut) throws IOException {
        client.say("MAIL FROM:<anna@signer.test> BODY=8BITMIME").expect("250");
        client.say("RCPT TO:<b@local.test>").expect("250");
        if (cut) {
            // In a chunk the last line need not have an end (RFC 3030 2).
            byte[] octets = (text + "no end").getBytes(StandardCharsets.ISO_8859_1);
            client.say("BDAT " + octets.length + " LAST").send(octets).flush().expect("250");
        } else {
            client.say("DATA").expect("354");
            client.send(OddLetter.wire(text)).say(".").expect("250");
        }
    }

    /** The configuration is in force when a message shows it. */
    private void awaitForm(Daemon daemon, SinkServer sink, String form) {
        Await.until("signatures " + form, SOON, () -> {
            int before = sink.messages();
            try (SmtpClient client = SmtpClient.greeted(daemon.smtp)) {
                send(client, "From: anna@signer.test\r\n\r\nprobe\r\n", false);
            }
            Await.until("probe", SOON, () -> sink.messages() > before);
            return sink.arrivals().getLast().header("DKIM-Signature").contains("c=" + form + ";");
        });
    }

    private static Map<String, SinkServer.Arrival> letters(SinkServer sink, Map<String, OddLetter> sent) {
        Map<String, SinkServer.Arrival> found = new TreeMap<>();
        sink.arrivals().stream()
                .filter(arrival -> sent.containsKey(arrival.header("X-Letter")))
                .forEach(arrival -> found.put(arrival.header("X-Letter"), arrival));
        return found;
    }

    private String zoneFile(Map<String, String> zone) throws IOException {
        List<String> lines = zone.entrySet().stream()
                .map(record -> record.getKey() + " " + record.getValue())
                .toList();
        return Files.write(folder.resolve("zone"), lines).toString();
    }

    private static String peer(String script, String... arguments) {
        List<String> command = new ArrayList<>(List.of(PYTHON, "-c", script));
        command.addAll(List.of(arguments));
        return Tool.run(SOON, Map.of(), command).mustSucceed().output().strip();
    }
}
