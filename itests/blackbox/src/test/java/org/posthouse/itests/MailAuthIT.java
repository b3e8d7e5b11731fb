// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Ports;

/**
 * The suites of SPF, DKIM, ARC and DMARC over SMTP: each case names the client, the zone and the message, and the results are
 * read from Authentication-Results at the next hop. Skipped, and saying so, where they are not at hand.
 */
class MailAuthIT {
    /** The checks, told to mark and to do nothing else. */
    private static final Map<String, String> CHECKS =
            Map.of("spf", "profiles: [mx]\n", "dkim-verify", "", "arc", "", "dmarc", "");

    /**
     * A suite.
     *
     * @param file its data
     * @param checks the plugins that it asks about
     */
    private record Suite(String file, List<String> checks) {
        boolean ready() {
            return Files.exists(Suites.data(file)) && checks.stream().allMatch(MailAuthIT::shipped);
        }
    }

    private static final List<Suite> SUITES = List.of(
            new Suite("spf_rfc7208.json", List.of("spf")),
            new Suite("spf_mailauth.json", List.of("spf")),
            new Suite("spf_rspamd.json", List.of("spf")),
            new Suite("dkim_verify.json", List.of("dkim-verify")),
            new Suite("dkim_generated.json", List.of("dkim-verify")),
            new Suite("arc_verify.json", List.of("arc")),
            new Suite("arc_verify_extra.json", List.of("arc")),
            new Suite("dmarc.json", List.of("spf", "dkim-verify", "dmarc")));

    @TempDir
    Path folder;

    @BeforeEach
    void needsTheSuites() {
        Suites.assumePresent();
    }

    private static boolean shipped(String plugin) {
        return Files.exists(Daemon.HOME.resolve("plugins").resolve(plugin + ".jar"));
    }

    @Test
    void judgesEveryMessageAsTheSuitesSay() {
        List<String> ready = SUITES.stream()
                .filter(Suite::ready)
                .map(suite -> Suites.data(suite.file()).toString())
                .toList();
        assumeTrue(!ready.isEmpty(), "no suite for the plugins that are shipped");
        int resolver = Ports.free();
        int proxied = Ports.free();
        Daemon daemon = Daemon.in(folder)
                .dns("dns: { servers: [\"127.0.0.1:" + resolver + "\"], timeout: 2s }")
                .listener("proxied: { address: \"127.0.0.1:" + proxied
                        + "\", profile: mx, proxyProtocolFrom: [\"127.0.0.1\"], maxConnectionsPerIp: 2000 }");
        CHECKS.forEach((plugin, yaml) -> {
            if (shipped(plugin)) {
                daemon.plugin(plugin, yaml);
            }
        });
        try (daemon) {
            daemon.start();
            List<String> command = new ArrayList<>(List.of(
                    "mailauth_smtp.py",
                    "127.0.0.1",
                    "" + proxied,
                    "--proxy",
                    "v1",
                    "--dns-port",
                    "" + resolver,
                    "--sink-port",
                    "" + daemon.next,
                    "--authserv-id",
                    "mx.local.test"));
            command.addAll(ready);
            Suites.run(command.toArray(String[]::new));
        }
    }
}
