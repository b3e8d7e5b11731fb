// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthouse.itests.Probe.Listener;
import org.posthouse.itests.Probe.Outcome;
import org.posthouse.itests.Probe.Step;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.Ports;

/**
 * Whatever happens to a plugin that we ship, its jar or its configuration, before or after a restart: nothing is accepted
 * that was not accepted before, and what it judged is deferred while it is missing.
 *
 * <p>Several scenes play at a time: each has a server of its own, and mostly waits for what it does to be noticed.
 */
@Order(4)
class NeverWidensIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    /** Of "correct horse", as in the other tests of users. */
    private static final String HASH = "$2b$10$crMQI0ox/xRESRzmjqOUju.0RXorCnZ27kaGPNmaX6LvPuzjutiMC";

    private static final List<Probe> PROBES = List.of(
            new Probe("stranger to us", Listener.MX, "*@src.test", "user@local.test", ""),
            new Probe("stranger to others", Listener.MX, "*@src.test", "user@foreign.test", ""),
            new Probe("listed sender", Listener.MX, "offer@listed.test", "user@local.test", ""),
            new Probe("trusted relay", Listener.FEEDER, "*@src.test", "user@foreign.test", ""),
            new Probe("user without AUTH", Listener.SUBMISSION, "anna@local.test", "user@foreign.test", ""),
            new Probe("user", Listener.SUBMISSION, "anna@local.test", "user@foreign.test", "correct horse"),
            new Probe("guesser", Listener.SUBMISSION, "anna@local.test", "user@foreign.test", "wrong horse"));

    /**
     * How a plugin is made to matter.
     *
     * @param settings its configuration
     * @param wrong the same with a wrong value
     * @param judges the steps at which it judges; none when its failure lets mail go on
     * @param refused a probe that it refuses, or empty
     * @param accepted a probe that is accepted because of it, or empty
     * @param others configurations of other plugins that it needs to matter
     */
    private record Case(
            String settings,
            String wrong,
            Set<Step> judges,
            String refused,
            String accepted,
            Map<String, String> others) {
        private Case(String settings, String wrong, Set<Step> judges, String refused, String accepted) {
            this(settings, wrong, judges, refused, accepted, Map.of());
        }
    }

    private static final Map<String, Case> CASES = Map.ofEntries(
            entry(
                    "auth-file",
                    new Case(
                            "scramIterations: 4096\n",
                            "scramIterations: many\n",
                            Set.of(Step.AUTH, Step.MAIL),
                            "guesser",
                            "user")),
            entry(
                    "auth-http",
                    new Case(
                            "url: \"@URL@\"\ncacheDenied: 0s\n",
                            "url: \"@URL@\"\ntimeout: soon\n",
                            Set.of(Step.AUTH),
                            "guesser",
                            "user")),
            entry(
                    "block-sender",
                    new Case(
                            "domains: [listed.test]\n",
                            "domains: { of: listed.test }\n",
                            Set.of(Step.MAIL),
                            "listed sender",
                            "")),
            entry("default-headers", new Case("profiles: [relay]\n", "profiles: [somewhere]\n", Set.of(), "", "")),
            entry(
                    "dnsbl",
                    new Case("reject: 3\n", "reject: much\n", Set.of(Step.CONNECT, Step.MAIL, Step.RCPT), "", "")),
            entry(
                    "early-talker",
                    new Case(
                            "action: reject\ndelay: 0s\n",
                            "action: shout\n",
                            Set.of(Step.CONNECT, Step.MAIL, Step.DATA),
                            "",
                            "")),
            entry("message-logger", new Case("format: json\n", "format: prose\n", Set.of(), "", "")),
            entry(
                    "rate-limiter",
                    new Case(
                            "messagesPerSender: 1/day\nmessagesPerSenderBurst: 1\nexemptUsers: [anna@local.test]\n",
                            "messagesPerSender: few\n",
                            Set.of(Step.CONNECT, Step.MAIL, Step.RCPT),
                            "listed sender",
                            "")),
            entry(
                    "relay-domains",
                    new Case(
                            "domains: [local.test]\n",
                            "domains: { of: local.test }\n",
                            Set.of(Step.RCPT),
                            "",
                            "stranger to us")),
            entry(
                    "reputation",
                    new Case(
                            "learn: true\n",
                            "learn: perhaps\n",
                            Set.of(Step.CONNECT, Step.MAIL, Step.RCPT, Step.DATA),
                            "",
                            "")),
            entry(
                    "rules",
                    new Case(
                            "rules: ['mail: from = *@listed.test -> reject']\n",
                            "rules: ['mail: from = *@listed.test -> wonder']\n",
                            Set.of(Step.CONNECT, Step.MAIL, Step.RCPT, Step.DATA),
                            "listed sender",
                            "")),
            entry(
                    "score-policy",
                    new Case(
                            "reject: 5\n",
                            "reject: much\n",
                            Set.of(Step.RCPT, Step.DATA),
                            "listed sender",
                            "",
                            Map.of("rules", "rules: ['mail: from = *@listed.test -> score LISTED 10']\n"))),
            entry("arc", new Case("onFail: mark\n", "onFail: wonder\n", Set.of(Step.DATA), "", "")),
            entry(
                    "clamav",
                    new Case(
                            "servers: ['127.0.0.1:1']\nonError: continue\n",
                            "servers: []\nfound: wonder\n",
                            Set.of(Step.DATA),
                            "",
                            "")),
            entry("delayed", new Case("enabled: true\n", "enabled: later\n", Set.of(Step.DATA), "", "")),
            entry("dkim-sign", new Case("keys: dkim\n", "keptDomains: many\n", Set.of(Step.DATA), "", "")),
            entry("dkim-verify", new Case("onFail: mark\n", "onFail: wonder\n", Set.of(Step.DATA), "", "")),
            entry("dmarc", new Case("profiles: []\n", "profiles: [moon]\n", Set.of(Step.DATA), "", "")),
            entry(
                    "greylisting",
                    new Case("delay: 1h\n", "delay: soon\n", Set.of(Step.RCPT, Step.DATA), "listed sender", "")),
            entry("iprev", new Case("profiles: []\n", "profiles: [moon]\n", Set.of(), "", "")),
            entry(
                    "milter",
                    new Case(
                            "milters: ['127.0.0.1:1 name=nobody']\nwhenDown: accept\n",
                            "milters: ['127.0.0.1:1 name=nobody']\nwhenDown: wonder\n",
                            Set.of(Step.CONNECT, Step.MAIL, Step.RCPT, Step.DATA),
                            "",
                            "")),
            entry(
                    "postfix-policy",
                    new Case(
                            "address: '127.0.0.1:1'\ndefaultAction: DUNNO\n",
                            "address: '127.0.0.1:1'\ntimeout: soon\n",
                            Set.of(Step.CONNECT, Step.MAIL, Step.RCPT, Step.DATA),
                            "",
                            "")),
            entry(
                    "recipient-limits",
                    new Case("perMessage: 100\n", "perMessage: many\n", Set.of(Step.CONNECT, Step.RCPT), "", "")),
            entry(
                    "rewriting",
                    new Case(
                            "canonical: ['old@local.test -> new@local.test']\n",
                            "headersOf: nobody\n",
                            Set.of(Step.DATA),
                            "",
                            "")),
            entry(
                    "routing",
                    new Case(
                            "rules: ['from = *@listed.test -> reject']\n",
                            "rules: ['from = *@listed.test -> wonder']\n",
                            Set.of(Step.RCPT, Step.DATA),
                            "listed sender",
                            "")),
            entry(
                    "rspamd",
                    new Case(
                            "servers: ['http://127.0.0.1:1']\nonError: continue\n",
                            "servers: ['http://127.0.0.1:1']\ntimeout: soon\n",
                            Set.of(Step.DATA),
                            "",
                            "")),
            entry(
                    "sender-checks",
                    new Case(
                            "heloOurs: reject\nourNames: [client.test]\n",
                            "heloOurs: maybe\n",
                            Set.of(Step.MAIL, Step.RCPT),
                            "listed sender",
                            "")),
            entry("spf", new Case("profiles: []\n", "profiles: [moon]\n", Set.of(Step.MAIL, Step.DATA), "", "")));

    /** What happens to a plugin. */
    private enum Damage {
        JAR_DELETED(true),
        SETTINGS_DELETED(true),
        UNKNOWN_KEY(false),
        WRONG_VALUE(false),
        JAR_TRUNCATED(false);

        /** Whether it is missing at once; else the generation in force stays, and it is missing after a restart. */
        private final boolean missing;

        Damage(boolean missing) {
            this.missing = missing;
        }

        /** A restart takes its time, so not every build has all of them. */
        boolean restarts() {
            return Scale.FULL || this == JAR_TRUNCATED;
        }
    }

    @TempDir
    Path folder;

    private HttpServer accounts;

    @BeforeEach
    void accounts() throws IOException {
        String right = "Basic "
                + Base64.getEncoder().encodeToString("anna@local.test:correct horse".getBytes(StandardCharsets.UTF_8));
        accounts = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.free()), 50);
        accounts.createContext("/", exchange -> {
            boolean yes = right.equals(exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.sendResponseHeaders(yes ? 204 : 401, -1);
            exchange.close();
        });
        accounts.start();
    }

    @AfterEach
    void close() {
        accounts.stop(0);
    }

    static List<String> shipped() throws IOException {
        try (Stream<Path> jars = Files.list(Daemon.HOME.resolve("plugins"))) {
            return jars.map(jar -> jar.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .map(name -> name.substring(0, name.length() - ".jar".length()))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("shipped")
    @Execution(ExecutionMode.CONCURRENT)
    void lossOfAPluginNeverWidensWhatIsAccepted(String plugin) throws Exception {
        Case scene = CASES.get(plugin);
        assertNotNull(scene, "Say in this test what " + plugin + " refuses or accepts, and where it judges");
        Daemon daemon = daemon(plugin, scene);
        try {
            Map<String, Outcome> before = matters(daemon, scene);
            for (Damage damage : Damage.values()) {
                damage(daemon, plugin, scene, damage);
                check(plugin + ", " + damage, scene, before, play(daemon), damage.missing);
                if (damage.restarts()) {
                    restart(daemon);
                    check(plugin + ", " + damage + ", restarted", scene, before, play(daemon), true);
                }
                mend(daemon, plugin, scene);
                assertEquals(verdicts(before), verdicts(play(daemon)), plugin + ", " + damage + ", mended");
            }
        } finally {
            daemon.close();
        }
    }

    private Daemon daemon(String plugin, Case scene) throws IOException {
        Daemon daemon = Daemon.in(folder).queue("queue: { dispatch: false }");
        scene.others().forEach(daemon::plugin);
        daemon.plugin(plugin, settings(scene));
        Files.createDirectories(daemon.data());
        Files.writeString(daemon.data().resolve("users"), "anna@local.test " + HASH + " senders=anna@local.test\n");
        Files.setPosixFilePermissions(
                daemon.data().resolve("users"), java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        daemon.start();
        Await.until(
                () -> plugin + " in force\n" + daemon.log(),
                SOON,
                () -> state(daemon, plugin).equals("active"));
        return daemon;
    }

    private String settings(Case scene) {
        return filled(scene.settings());
    }

    private String filled(String yaml) {
        return yaml.replace("@URL@", "http://127.0.0.1:" + accounts.getAddress().getPort() + "/check");
    }

    /** Plays the probes, and looks that the plugin makes a difference: a test of one that does not would show nothing. */
    private static Map<String, Outcome> matters(Daemon daemon, Case scene) throws IOException {
        play(daemon); // What limits count is used up now.
        Map<String, Outcome> before = play(daemon);
        assertTrue(before.get("trusted relay").accepted(), before::toString);
        assertFalse(before.get("stranger to others").accepted(), before::toString);
        assertFalse(before.get("user without AUTH").accepted(), before::toString);
        if (!scene.refused().isEmpty()) {
            assertFalse(before.get(scene.refused()).accepted(), before::toString);
        }
        if (!scene.accepted().isEmpty()) {
            assertTrue(before.get(scene.accepted()).accepted(), before::toString);
        }
        return before;
    }

    /** A hook that is missed at CONNECT leaves no banner to wait for; any answer of each listener will do. */
    private static void restart(Daemon daemon) {
        daemon.stop();
        daemon.spawn();
        Await.until(() -> "answers on all listeners\n" + daemon.log(), Duration.ofSeconds(90), () -> {
            for (Probe probe : List.of(PROBES.get(0), PROBES.get(3), PROBES.get(4))) {
                probe.play(daemon);
            }
            return true;
        });
    }

    private static Map<String, Outcome> play(Daemon daemon) throws IOException {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (Probe probe : PROBES) {
            outcomes.put(probe.name(), probe.play(daemon));
        }
        return outcomes;
    }

    private static Map<String, String> verdicts(Map<String, Outcome> outcomes) {
        Map<String, String> verdicts = new LinkedHashMap<>();
        outcomes.forEach((name, outcome) -> verdicts.put(name, outcome.verdict()));
        return verdicts;
    }

    private static void check(
            String when, Case scene, Map<String, Outcome> before, Map<String, Outcome> now, boolean missing) {
        before.forEach((name, was) -> {
            Outcome is = now.get(name);
            String what = when + ", " + name + ": was " + was + ", is " + is;
            assertTrue(was.accepted() || !is.accepted(), what);
            boolean judged = scene.judges().stream().anyMatch(was.asked()::contains);
            if (missing && judged) {
                assertTrue(is.deferred(), what);
                boolean atAuth =
                        scene.judges().contains(Step.AUTH) && was.asked().contains(Step.AUTH);
                assertEquals(atAuth, is.reply().startsWith("454 4."), what);
            } else {
                assertEquals(was.verdict(), is.verdict(), what);
            }
        });
    }

    private void damage(Daemon daemon, String plugin, Case scene, Damage damage) throws IOException {
        Path jar = jar(daemon, plugin);
        long refusals = refusals(daemon);
        switch (damage) {
            case JAR_DELETED -> Files.delete(jar);
            case SETTINGS_DELETED -> Files.delete(daemon.folder.resolve("plugins/" + plugin + ".yaml"));
            case UNKNOWN_KEY -> daemon.plugin(plugin, settings(scene) + "unheardOf: 1\n");
            case WRONG_VALUE -> daemon.plugin(plugin, filled(scene.wrong()));
            case JAR_TRUNCATED -> {
                byte[] whole = Files.readAllBytes(jar);
                Files.delete(jar); // It may be a link to the shipped one.
                Files.write(jar, Arrays.copyOf(whole, whole.length / 2));
            }
        }
        Await.until(() -> plugin + ": " + damage + " is noticed\n" + daemon.log(), SOON, () -> switch (damage) {
            case JAR_DELETED, SETTINGS_DELETED -> state(daemon, plugin).equals("missing");
            case UNKNOWN_KEY, WRONG_VALUE -> detail(daemon, plugin).contains("stays");
            case JAR_TRUNCATED -> refusals(daemon) > refusals;
        });
        assertEquals(damage.missing ? "missing" : "active", state(daemon, plugin));
    }

    private void mend(Daemon daemon, String plugin, Case scene) throws IOException {
        daemon.plugin(plugin, settings(scene));
        byte[] whole = Files.readAllBytes(Jars.shipped(plugin));
        Path jar = jar(daemon, plugin);
        if (Files.notExists(jar) || !Arrays.equals(whole, Files.readAllBytes(jar))) {
            Jars.drop(Jars.shipped(plugin), daemon);
        }
        Await.until(
                () -> plugin + " is back\n" + daemon.log(),
                SOON,
                () -> state(daemon, plugin).equals("active")
                        && detail(daemon, plugin).isEmpty());
    }

    private static Path jar(Daemon daemon, String plugin) {
        return daemon.data().resolve("plugins/" + plugin + ".jar");
    }

    /** How often the server said that a jar was refused; whose it is, half a jar can not tell. */
    private static long refusals(Daemon daemon) throws IOException {
        try (Stream<String> lines = Files.lines(daemon.folder.resolve("log"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains("nothing was changed")).count();
        }
    }

    private static String state(Daemon daemon, String plugin) throws IOException {
        return known(daemon, plugin).path("state").asText();
    }

    private static String detail(Daemon daemon, String plugin) throws IOException {
        return known(daemon, plugin).path("detail").asText();
    }

    private static JsonNode known(Daemon daemon, String plugin) throws IOException {
        for (JsonNode one : Http.json(daemon, "/plugins").path("plugins")) {
            if (one.path("name").asText().equals(plugin)) {
                return one;
            }
        }
        throw new AssertionError("no plugin " + plugin);
    }
}
