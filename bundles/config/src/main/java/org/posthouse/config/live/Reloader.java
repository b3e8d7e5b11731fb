// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.posthouse.config.live.Publisher.Step;
import org.posthouse.config.load.Finding;
import org.posthouse.config.load.Loaded;
import org.posthouse.config.load.Settings;
import org.posthouse.config.spi.ReloadListener.Result;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replaces the configuration in force by what the files say now, whole or not at all. */
final class Reloader {
    private static final Logger LOG = LoggerFactory.getLogger(Reloader.class);

    /** What parts of the server have taken up at their start. */
    private static final List<String> FIXED = List.of("dataDir", "hostname");

    private final Supplier<Loaded> files;
    private final Publisher publisher;
    private final Serving serving;
    private final Consumer<Loaded> plugins;

    /**
     * Wires it.
     *
     * @param files reads and checks
     * @param plugins takes the plugins' values whenever the files could be read
     */
    Reloader(Supplier<Loaded> files, Publisher publisher, Serving serving, Consumer<Loaded> plugins) {
        this.files = files;
        this.publisher = publisher;
        this.serving = serving;
        this.plugins = plugins;
    }

    /** Reads, checks, applies and waits; on any failure the old values are in force again. */
    Result reload() {
        Loaded loaded = files.get();
        if (loaded.tree().findings().isEmpty()) {
            plugins.accept(loaded);
        }
        try {
            List<Finding> findings = new ArrayList<>(loaded.findings());
            findings.addAll(fixed(loaded.settings()));
            if (!findings.isEmpty()) {
                return refused(findings.stream().map(Finding::toString).toList());
            }
            return apply(OrderBook.place(loaded.settings(), publisher.places()));
        } catch (IOException e) {
            return refused(List.of("the configuration can not be stored: " + e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refused(List.of("interrupted; the old values were restored"));
        }
    }

    private Result apply(List<Settings> settings) throws IOException, InterruptedException {
        Set<String> judged = judged(settings);
        List<Step> done = new ArrayList<>();
        try {
            publisher.apply(settings, done);
            List<String> failures = serving.await(done, judged);
            if (failures.isEmpty()) {
                return new Result(true, done.stream().map(Step::pid).toList(), List.of());
            }
            restore(done, judged);
            return refused(failures);
        } catch (IOException | InterruptedException | RuntimeException e) {
            publisher.restore(done);
            throw e;
        }
    }

    /** What is new, and what served before; a component that waited for something else before may go on waiting. */
    private Set<String> judged(List<Settings> settings) throws IOException {
        List<String> all = settings.stream().map(Settings::fullPid).toList();
        return new HashSet<>(serving.healthy(all));
    }

    private void restore(List<Step> done, Set<String> judged) throws IOException, InterruptedException {
        List<String> down = serving.await(publisher.restore(done), judged);
        down.forEach(line -> LOG.error("after restoring the old configuration: {}", line));
    }

    private List<Finding> fixed(List<Settings> settings) throws IOException {
        List<Finding> findings = new ArrayList<>();
        for (Settings one : settings) {
            for (String key : one.pid().equals("server") ? FIXED : List.<String>of()) {
                Object now = publisher.current("server", key);
                if (now != null && !now.equals(one.values().get(key))) {
                    findings.add(new Finding("server", "server." + key, "can not be changed while the server runs"));
                }
            }
        }
        return findings;
    }

    private static Result refused(List<String> findings) {
        return new Result(false, List.of(), findings);
    }
}
