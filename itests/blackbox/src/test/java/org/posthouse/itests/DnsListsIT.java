// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.ConversationPlayer;
import org.posthouse.testkit.server.Ports;

/** DNS lists, asked of a real server about clients that a proxy names. */
class DnsListsIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String ZONES = """
            7.2.0.192.bl.test. A 127.0.0.2
            7.2.0.192.bl.test. TXT "see https://bl.test/" "192.0.2.7"
            8.2.0.192.bl.test. A 127.0.0.2
            8.2.0.192.wl.test. A 127.0.1.3
            9.2.0.192.bl.test. A 127.255.255.254
            1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.test. A 127.0.0.3
            bad.example.dbl.test. A 127.0.1.2
            """;

    @TempDir
    Path folder;

    private final int proxied = Ports.free();
    private NameServer dns;
    private Daemon daemon;

    @BeforeEach
    void start() throws IOException {
        dns = new NameServer(folder.resolve("dns"), ZONES);
        daemon = Daemon.in(folder).plugin("dnsbl", """
                lists: ["bl.test=127.0.0.[2..11]*3", "wl.test=127.0.[0..255].[1..3]*-4"]
                domainLists: ["dbl.test*3"]
                reject: 3
                timeout: 3s
                """);
        Files.createDirectories(daemon.data().resolve("plugins"));
        for (String plugin : new String[] {"relay-domains", "default-headers", "dnsbl"}) {
            Jars.drop(Jars.shipped(plugin), daemon);
        }
        daemon.configure();
        String proxy = "smtp:\n  proxied: { address: \"127.0.0.1:" + proxied
                + "\", profile: mx, proxyProtocolFrom: [\"127.0.0.1\"] }\n";
        daemon.write(
                "posthouse.yaml",
                Files.readString(daemon.configuration())
                        .replace("smtp:\n", proxy)
                        .replaceFirst("dns: .*", "dns: { servers: [\"127.0.0.1:" + dns.port + "\"], timeout: 2s }"));
        daemon.launch();
    }

    @AfterEach
    void stop() {
        daemon.close();
        dns.close();
    }

    /** Speaks as this client up to RCPT. */
    private void speak(String client, String sender, String recipient, String answer) throws IOException {
        String proxy = client.contains(":") ? "TCP6 " + client + " 2001:db8::25" : "TCP4 " + client + " 192.0.2.25";
        InetSocketAddress port = new InetSocketAddress(InetAddress.getLoopbackAddress(), proxied);
        try (ConversationPlayer player = new ConversationPlayer(port)) {
            player.play("R: PROXY " + proxy + " 4711 25\\r\\n", "S: 220 …", "C: HELO client.example.com", "S: 250 …");
            player.play("C: MAIL FROM:<" + sender + ">", "S: 250 …");
            player.play("C: RCPT TO:<" + recipient + ">", "S: " + answer);
            player.play("C: QUIT", "S: 221 …");
        }
    }

    @Test
    void listsDecideAndADeadServerStopsNobody() throws Exception {
        speak(
                "192.0.2.7",
                "a@src.test",
                "user@local.test",
                "550 5.7.1 Refused, client [192.0.2.7] is listed by bl.test: see https://bl.test/192.0.2.7");
        speak("192.0.2.7", "a@src.test", "postmaster@local.test", "250 …");
        speak("2001:db8::1", "a@src.test", "user@local.test", "550 5.7.1 Refused, client [2001:db8:0:0:0:0:0:1] …");
        speak("192.0.2.8", "a@src.test", "user@local.test", "250 …");
        speak("192.0.2.9", "a@src.test", "user@local.test", "250 …");
        speak("192.0.2.10", "a@src.test", "user@local.test", "250 …");
        speak("192.0.2.10", "a@bad.example", "user@local.test", "550 5.7.1 Refused, domain bad.example is listed by …");
        String told = daemon.cli("dnsbl", "ask", "192.0.2.7").mustSucceed().output();
        assertTrue(told.contains("sum is 3.00") && told.contains("127.0.0.2"), told);

        dns.close();
        for (int i = 20; i < 26; i++) {
            speak("192.0.2." + i, "a@src.test", "user@local.test", "250 …");
        }
        Await.until(daemon::log, SOON, () -> daemon.log().contains("DNS list bl.test is left out until it answers"));
        // On a busy machine one of them may be slow for another reason.
        Duration quickest = Duration.ofDays(1);
        for (int i = 30; i < 35; i++) {
            long begun = System.nanoTime();
            speak("192.0.2." + i, "a@src.test", "user@local.test", "250 …");
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            quickest = took.compareTo(quickest) < 0 ? took : quickest;
        }
        assertTrue(quickest.compareTo(Duration.ofSeconds(2)) < 0, "no list is waited for: " + quickest);
    }
}
