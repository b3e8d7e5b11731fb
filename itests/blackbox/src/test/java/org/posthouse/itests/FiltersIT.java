// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Debian's rspamd and clamd judge mail on its way; without them it is deferred, or goes on where the operator says so. */
class FiltersIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
    private static final String KNOWN_TEXT = "a text that the signatures of this test know: 5f1c09d2";
    private static final String LUA = """
            rspamd_config:register_symbol({
              name = 'LOTTERY', type = 'normal', score = 7.5,
              callback = function(task)
                if not (task:get_subject() or ''):find('lottery') then return false end
                local ip, from, to = tostring(task:get_ip()), task:get_from('smtp')[1].addr, task:get_recipients('smtp')[1].addr
                task:set_milter_reply({
                  add_headers = { ['X-Seen'] = { value = task:get_helo() .. ' ' .. ip .. ' ' .. from .. ' ' .. to, order = 1 } },
                  remove_headers = { ['X-Old'] = 0 },
                })
                return true, 1.0
              end
            })
            rspamd_config:register_symbol({
              name = 'MAYBE', type = 'normal', score = 4.5,
              callback = function(task) return (task:get_subject() or ''):find('maybe') ~= nil end
            })
            """;

    @TempDir
    Path folder;

    private static String send(Daemon daemon, String subject, String body) throws IOException {
        return sendWhole(daemon, "X-Old: 1\r\nSubject: " + subject + "\r\nX-Spam: no\r\n\r\n" + body + "\r\n");
    }

    private static String sendWhole(Daemon daemon, String message) throws IOException {
        try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
            String reply = client.deliver("a@src.test", "user@local.test", message);
            client.say("QUIT").expect("221");
            return reply;
        }
    }

    private static void said(String start, String reply) {
        assertTrue(reply.startsWith(start), () -> "wanted " + start + ", got " + reply);
    }

    private static void becomes(String start, Daemon daemon, String subject) {
        Await.until(
                () -> start + "\n" + daemon.log(),
                SOON,
                () -> send(daemon, subject, "hello").startsWith(start));
    }

    private static String metrics(Daemon daemon) throws IOException {
        return Http.get("http://127.0.0.1:" + daemon.metrics + "/metrics");
    }

    @Test
    void rspamdRefusesTagsAndEdits() throws Exception {
        assumeTrue(Filter.installed("rspamd"), "rspamd is not installed");
        try (Filter rspamd = Filter.rspamd(folder.resolve("rspamd"), LUA).start();
                Daemon daemon = Daemon.in(folder)
                        .plugin("rspamd", "servers: [\"http://127.0.0.1:" + rspamd.port + "\"]\npause: 200ms\n")
                        .start();
                SinkServer sink = new SinkServer(daemon.next)) {
            assertEquals("550 5.7.1 Gtube pattern", send(daemon, "x", GTUBE));
            said("250 2.0.0", send(daemon, "lottery", "hello"));
            said("250 2.0.0", send(daemon, "good", "hello"));
            said("451 4.7.1", send(daemon, "maybe", "hello"));
            Await.until(daemon::log, SOON, () -> sink.messages() == 2);

            SinkServer.Arrival tagged = arrival(sink, "lottery");
            assertEquals("Yes", tagged.header("X-Spam"));
            assertEquals("client.test 127.0.0.1 a@src.test user@local.test", tagged.header("X-Seen"));
            assertEquals("", tagged.header("X-Old"));
            String first = tagged.head().replaceFirst("(?s)^Received:.*?\r\n(?=\\S)", "");
            assertTrue(first.startsWith("X-Seen: "), "below the trace line of this server: " + tagged.head());
            SinkServer.Arrival good = arrival(sink, "good");
            assertEquals("", good.header("X-Spam"), "the mark of a stranger is gone");
            assertEquals("1", good.header("X-Old"));
            Await.until(daemon::events, SOON, () -> daemon.events().contains("rspamd: reject"));
            assertTrue(metrics(daemon).contains("posthouse_rspamd_answers_total{outcome=\"add-header\"} 1.0"));

            rspamd.stop();
            said("451 4.7.1", send(daemon, "good", "hello"));
            rspamd.start();
            becomes("250 2.0.0", daemon, "good");
        }
    }

    private static SinkServer.Arrival arrival(SinkServer sink, String subject) {
        return sink.arrivals().stream()
                .filter(arrival -> arrival.header("Subject").equals(subject))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void clamdFindsWhatItsSignaturesKnow() throws Exception {
        assumeTrue(Filter.installed("clamd"), "clamd is not installed");
        byte[] file = "\177ELF a file that the signatures of this test know".getBytes(StandardCharsets.ISO_8859_1);
        try (Filter clamd =
                        Filter.clamd(folder.resolve("clamd"), KNOWN_TEXT, file).start();
                Daemon daemon = Daemon.in(folder)
                        .plugin("clamav", "servers: [\"" + clamd.folder + "/clamd.ctl\"]\npause: 200ms\n")
                        .start();
                SinkServer sink = new SinkServer(daemon.next)) {
            said("250 2.0.0", send(daemon, "good", "hello"));
            String found = send(daemon, "bad", "see " + KNOWN_TEXT);
            said("554 5.7.1 Message refused, it carries Posthouse.Text", found);
            String attachment =
                    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n"
                            + "Content-Type: application/octet-stream; name=x.bin\r\nContent-Transfer-Encoding: base64\r\n"
                            + "Content-Disposition: attachment; filename=x.bin\r\n\r\n"
                            + Base64.getMimeEncoder().encodeToString(file) + "\r\n--b--\r\n";
            said("554 5.7.1 Message refused, it carries Posthouse.File", sendWhole(daemon, attachment));
            String large = "0123456789".repeat(7).concat("\r\n").repeat(40_000);
            said("451 4.7.1", send(daemon, "more than StreamMaxLength", large));
            Await.until(() -> daemon.log(), SOON, () -> daemon.log().contains("StreamMaxLength"));

            daemon.plugin("clamav", "servers: [\"127.0.0.1:" + clamd.port + "\"]\nfound: tag\npause: 200ms\n");
            Await.until(
                    () -> daemon.log(),
                    SOON,
                    () -> send(daemon, "tagged", KNOWN_TEXT).startsWith("250"));
            Await.until(daemon::log, SOON, () -> sink.messages() == 2);
            said("Posthouse.Text", arrival(sink, "tagged").header("X-Virus"));
            assertTrue(metrics(daemon).contains("posthouse_clamav_answers_total{outcome=\"found\"}"));

            clamd.stop();
            said("451 4.7.1", send(daemon, "good", "hello"));
            daemon.plugin("clamav", "servers: [\"127.0.0.1:" + clamd.port + "\"]\nonError: continue\n");
            becomes("250 2.0.0", daemon, "unseen");
            assertFalse(daemon.log().contains("ERROR"), daemon::log);
        }
    }
}
