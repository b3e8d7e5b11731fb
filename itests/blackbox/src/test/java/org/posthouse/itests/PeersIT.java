// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** Other people's clients talk to us: swaks and Python's smtplib. */
class PeersIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void swaksDeliversOverStartTls() throws Exception {
        assumeTrue(Tool.exists("swaks"), "swaks is not installed");
        try (Daemon daemon = Daemon.in(folder).start();
                SinkServer sink = new SinkServer(daemon.next)) {
            Tool swaks = Tool.run(
                            SOON,
                            "swaks",
                            "--server",
                            "127.0.0.1:" + daemon.smtp,
                            "--from",
                            "a@src.test",
                            "--to",
                            "b@dst.test,c@dst.test",
                            "--tls",
                            "--header",
                            "X-Letter: swaks")
                    .mustSucceed();
            assertTrue(swaks.output().contains("TLS started"), swaks.output());
            Await.until("delivery", SOON, () -> sink.messages() == 1);
            assertEquals(2, sink.recipients());
            assertTrue(
                    sink.arrivals().get(0).header("Received").contains("with ESMTPS"),
                    sink.arrivals().get(0).head());
        }
    }

    @Test
    void submissionRefusesWithoutAuthentication() throws Exception {
        try (Daemon daemon = Daemon.in(folder).start();
                SmtpClient client = SmtpClient.greeted(daemon.submission)) {
            client.say("MAIL FROM:<a@src.test>").expect("530 5.7.0");
        }
    }

    @Test
    void smtplibSendsUtf8AndEightBit() throws Exception {
        assumeTrue(Tool.exists("python3"), "python3 is not installed");
        String script =
                """
                import smtplib, sys
                from email.message import EmailMessage
                m = EmailMessage(); m['From'] = 'dž@пример.example'; m['To'] = 'b@dst.test'; m['X-Letter'] = 'smtplib'
                m.set_content('Grüße, 世界\\n')
                with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as s:
                    s.starttls(); s.send_message(m)
                """;
        try (Daemon daemon = Daemon.in(folder).start();
                SinkServer sink = new SinkServer(daemon.next)) {
            Tool.run(SOON, "python3", "-c", script, "" + daemon.smtp).mustSucceed();
            Await.until("delivery", SOON, () -> sink.messages() == 1);
            assertTrue(
                    sink.arrivals().get(0).from().contains("SMTPUTF8"),
                    sink.arrivals().get(0).from());
        }
    }

    @Test
    void mxListenerTakesOnlyItsDomains() throws Exception {
        try (Daemon daemon = Daemon.in(folder).start();
                SmtpClient client = SmtpClient.greeted(daemon.mx)) {
            client.say("MAIL FROM:<a@src.test>").expect("250");
            client.say("RCPT TO:<b@elsewhere.test>").expect("550 5.7.1");
            client.say("RCPT TO:<b@local.test>").expect("250");
            client.say("RCPT TO:<Postmaster>").expect("250");
        }
    }
}
