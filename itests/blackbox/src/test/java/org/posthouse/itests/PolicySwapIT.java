// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.SmtpClient;

/** All policy is on, and asked without a pause; each plugin that we ship is replaced meanwhile, and nobody notices. */
@Isolated("its load is as much as the server takes")
class PolicySwapIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    /** What makes each plugin judge strangers' mail; those that ask a daemon find none, and let mail go on. */
    private static final Map<String, String> SETTINGS = new TreeMap<>(Map.ofEntries(
            Map.entry("arc", "onFail: mark\n"),
            Map.entry("auth-file", "scramIterations: 4096\n"),
            Map.entry("auth-http", "url: \"http://127.0.0.1:1/\"\n"),
            Map.entry("block-sender", "domains: [bad.test]\n"),
            Map.entry("clamav", "servers: ['127.0.0.1:1']\nonError: continue\n"),
            Map.entry("default-headers", "profiles: [mx]\n"),
            Map.entry("delayed", "enabled: true\n"),
            Map.entry("dkim-sign", "keys: dkim\n"),
            Map.entry("dkim-verify", "onFail: mark\n"),
            Map.entry("dmarc", "profiles: [mx]\naction: enforce\n"),
            Map.entry("dnsbl", "lists: [\"bl.test=127.0.0.[2..11]*3\"]\nreject: 3\n"),
            Map.entry("early-talker", "action: reject\ndelay: 0s\n"),
            Map.entry("greylisting", "delay: 1s\n"),
            Map.entry("iprev", "profiles: [mx]\n"),
            Map.entry("message-logger", "format: json\n"),
            Map.entry("milter", "milters: ['127.0.0.1:1 name=nobody']\nwhenDown: accept\n"),
            Map.entry("postfix-policy", "address: '127.0.0.1:1'\ndefaultAction: DUNNO\n"),
            Map.entry("rate-limiter", "messagesPerIp: 100000000/hour\n"),
            Map.entry("recipient-limits", "perMessage: 100\n"),
            Map.entry("relay-domains", "domains: [local.test]\n"),
            Map.entry("reputation", "learn: true\n"),
            Map.entry("rewriting", "canonical: ['old@local.test -> new@local.test']\n"),
            Map.entry("routing", "rules: ['to = info@local.test -> redirect anna@local.test']\n"),
            Map.entry("rspamd", "servers: ['http://127.0.0.1:1']\nonError: continue\n"),
            Map.entry("rules", "rules: ['mail: from = *@spam.test -> reject']\n"),
            Map.entry("score-policy", "reject: 50\n"),
            Map.entry("sender-checks", "senderUnresolvable: defer\n"),
            Map.entry("spf", "profiles: [mx]\nonFail: reject\n")));

    @TempDir
    private Path folder;

    @Test
    void eachPluginIsReplacedWhileItIsAsked() throws Exception {
        int rounds = Scale.of(1, 5);
        try (NameServer names = new NameServer(folder.resolve("dns"), """
                        src.test. MX 10 mx.src.test.
                        src.test. TXT "v=spf1 ip4:127.0.0.1 -all"
                        mx.src.test. A 127.0.0.1
                        1.0.0.127.in-addr.arpa. PTR mx.src.test.
                        """);
                Daemon daemon = Daemon.in(folder)
                        .dns("dns: { servers: [\"127.0.0.1:" + names.port + "\"], timeout: 2s }")
                        .queue("queue: { dispatch: false }")) {
            for (String plugin : shipped()) {
                String settings = SETTINGS.get(plugin);
                assertNotNull(settings, "Say in this test how " + plugin + " is made to judge");
                daemon.plugin(plugin, settings);
                Jars.drop(Jars.shipped(plugin), daemon);
            }
            daemon.start();
            shipped().forEach(plugin -> awaitVersion(daemon, plugin, "1."));
            passGreylisting(daemon);
            try (Load load = new Load(daemon.mx, "policy", Scale.of(10, 100), false)) {
                for (int round = 2; round < 2 + rounds; round++) {
                    for (String plugin : shipped()) {
                        String version = round + ".0.0";
                        Jars.drop(Jars.shipped(plugin), daemon, version);
                        awaitVersion(daemon, plugin, version);
                        long done = load.done();
                        Await.until(
                                () -> plugin + " is asked; " + load.replies + "\n" + daemon.log(),
                                SOON,
                                () -> load.done() > done + 20);
                    }
                }
                load.stop();
                assertEquals(0, load.dropped.get(), "dropped sessions; " + load.replies + "\n" + daemon.log());
                assertEquals(0, load.refused.get(), "refused transactions: " + load.replies);
                System.out.printf(
                        "policy swap: %d plugins, %d times each, %d messages, 0 dropped, 0 refused%n",
                        shipped().size(), rounds, load.done());
            }
        }
    }

    private static List<String> shipped() throws IOException {
        try (Stream<Path> jars = Files.list(Daemon.HOME.resolve("plugins"))) {
            return jars.map(jar -> jar.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .map(name -> name.substring(0, name.length() - ".jar".length()))
                    .sorted()
                    .toList();
        }
    }

    private static void awaitVersion(Daemon daemon, String plugin, String version) {
        String start = "\"name\":\"" + plugin + "\",\"version\":\"" + version;
        Await.until(() -> plugin + " " + version + "\n" + daemon.log(), SOON, () -> {
            String all = Http.api(daemon, "GET", "/plugins").body();
            int at = all.indexOf(start);
            return at >= 0 && all.indexOf("\"state\":\"active\"", at) - at < start.length() + 40;
        });
    }

    /** Waits as a stranger does who is asked to, so that the load is known already. */
    private static void passGreylisting(Daemon daemon) throws IOException {
        Await.until(() -> "greylisting passed\n" + daemon.log(), SOON, () -> {
            try (SmtpClient client = SmtpClient.greeted(daemon.mx)) {
                client.say("MAIL FROM:<policy@src.test>").expect("250");
                client.say("RCPT TO:<user@local.test>");
                return client.reply().startsWith("250");
            }
        });
    }
}
