// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.posthouse.plugins.milter.FakeMilter.packet;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.posthouse.api.Reply;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;

/** The plugin with a milter that answers as a test wants it to. */
final class MilterBench implements AfterEachCallback {
    static final Duration SOON = Duration.ofSeconds(10);
    static final byte[] GO_ON = packet('c');

    final FakeDns dns = new FakeDns().address("client.example.org", "192.0.2.1");
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Map<String, Object> settings = new HashMap<>();
    final FakeMilter milter;
    private final List<Milters> made = new ArrayList<>();

    MilterBench() {
        try {
            milter = new FakeMilter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        settings.putAll(Map.of(
                "milters", new String[] {milter.address() + " name=fake"},
                "connectTimeout", 5_000L,
                "commandTimeout", 10_000L,
                "contentTimeout", 10_000L,
                "pause", 0L,
                "maxBody", 1_000_000L,
                "hostname", "mx.example.net"));
    }

    @Override
    public void afterEach(ExtensionContext test) throws IOException {
        stop();
        milter.close();
    }

    /** The plugin as it is configured now. */
    Milters plugin() {
        Object[] pairs = settings.entrySet().stream()
                .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
                .toArray();
        Milters plugin = new Milters(Settings.of(Milters.Config.class, pairs), dns, meters);
        made.add(plugin);
        return plugin;
    }

    /** A session of the plugin as it is configured now. */
    Talk talk() {
        return new Talk(plugin());
    }

    /** A session of a plugin that asks these milters. */
    Talk talk(String... milters) {
        settings.put("milters", milters);
        return talk();
    }

    /** Stops the plugins that were made. */
    void stop() {
        made.forEach(Milters::close);
        made.clear();
    }

    static Reply refusal(Verdict verdict) {
        return assertInstanceOf(Verdict.Refusal.class, verdict).reply();
    }
}
