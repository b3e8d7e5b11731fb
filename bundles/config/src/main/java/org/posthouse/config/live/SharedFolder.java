// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.load.Exchange;
import org.posthouse.config.load.Finding;
import org.posthouse.config.load.Loaded;
import org.posthouse.config.load.Ocd;
import org.posthouse.config.load.Request;
import org.posthouse.config.load.SharedNames;
import org.posthouse.config.spi.SharedFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared files in the folder of the configuration. All is done on the thread that looks at the files, so that it never
 * sees some of them changed and others not.
 */
final class SharedFolder implements SharedFiles {
    /** How long a change that was prepared keeps others away; who leads it may be gone. */
    static final Duration RESERVED = Duration.ofMinutes(2);

    private static final int REMEMBERED = 16;
    private static final Logger LOG = LoggerFactory.getLogger(SharedFolder.class);

    /** What there is to the configuration beside its files. */
    interface Surroundings {
        /** Reads and checks as it would be with these texts in place of files. */
        Loaded load(Map<Path, Optional<String>> instead);

        /** What the plugins that are installed declare, by their names. */
        Map<String, List<Ocd>> plugins();

        /** Reads the files as they are, without looking at them once more because they changed. */
        List<String> reload();
    }

    /** A change that was prepared. */
    private record Prepared(String id, String who, Change change, Instant since) {}

    private final Exchange exchange;
    private final SharedNames names;
    private final Surroundings surroundings;
    private final ExecutorService thread;
    private final InstantSource clock;
    private final Set<String> takenBack = new TreeSet<>();
    private final List<String> order = new ArrayList<>();
    private @Nullable Prepared prepared;

    SharedFolder(Request request, Surroundings surroundings, ExecutorService thread, InstantSource clock) {
        this.exchange = Exchange.of(request);
        this.names = new SharedNames(request);
        this.surroundings = surroundings;
        this.thread = thread;
        this.clock = clock;
    }

    @Override
    public Standing standing() {
        try {
            return new Standing(
                    names.digests(),
                    exchange.open().orElse(null),
                    exchange.last().orElse(null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<String> prepare(String id, String who, Change change) {
        return onThread(() -> {
            Optional<String> busy = busy(id);
            if (busy.isPresent()) {
                return List.of(busy.get());
            }
            List<String> wrong = check(change);
            if (wrong.isEmpty()) {
                prepared = new Prepared(id, who, change, clock.instant());
            }
            return wrong;
        });
    }

    private Optional<String> busy(String id) throws IOException {
        Prepared other = prepared;
        Optional<Open> open = exchange.open();
        if (takenBack.contains(id)) {
            return Optional.of("the change was taken back already");
        }
        if (open.isPresent()) {
            return Optional.of("the change " + open.get().id() + " by "
                    + open.get().who() + " is applied here, and whether it stays is not known yet");
        }
        return other != null
                        && !other.id().equals(id)
                        && other.since().plus(RESERVED).isAfter(clock.instant())
                ? Optional.of("another change, " + other.id() + " by " + other.who() + ", is under way")
                : Optional.empty();
    }

    private List<String> check(Change change) {
        List<String> wrong = new ArrayList<>();
        new TreeSet<>(change.names()).forEach(name -> names.refusal(name).ifPresent(wrong::add));
        int size = change.files().values().stream().mapToInt(String::length).sum();
        if (size > LARGEST) {
            wrong.add("the files have " + size + " characters, more than " + LARGEST);
        }
        return wrong.isEmpty() ? findings(change) : wrong;
    }

    private List<String> findings(Change change) {
        Map<Path, Optional<String>> instead = new LinkedHashMap<>();
        change.files().forEach((name, text) -> instead.put(exchange.path(name), Optional.of(text)));
        change.removed().forEach(name -> instead.put(exchange.path(name), Optional.empty()));
        Loaded loaded = surroundings.load(instead);
        List<Finding> wrong = new ArrayList<>(loaded.findings());
        Map<String, List<Ocd>> installed = surroundings.plugins();
        for (String plugin : concerned(change, loaded)) {
            List<Ocd> declared = installed.get(plugin);
            if (declared != null) {
                loaded.plugin(plugin, declared, wrong);
            } else {
                wrong.add(new Finding(
                        "plugins/" + plugin + ".yaml",
                        "",
                        "no plugin " + plugin
                                + " is installed here, so its keys can not be checked; install it first"));
            }
        }
        return wrong.stream().map(Finding::toString).distinct().toList();
    }

    /** The plugins whose file is new; of the others those that are there, where the file below all others is new. */
    private Set<String> concerned(Change change, Loaded loaded) {
        Set<String> plugins = new TreeSet<>();
        for (String name : change.names()) {
            Optional<String> plugin = SharedNames.plugin(name);
            if (plugin.isEmpty()) {
                plugins.addAll(loaded.plugins());
                plugins.retainAll(surroundings.plugins().keySet());
            }
        }
        change.files().keySet().forEach(name -> SharedNames.plugin(name).ifPresent(plugins::add));
        return plugins;
    }

    @Override
    public List<String> apply(String id) {
        return onThread(() -> {
            Prepared now = prepared;
            if (now == null || !now.id().equals(id)) {
                return List.of("this node knows of no change " + id + " (any more)");
            }
            prepared = null;
            try {
                return apply(now);
            } catch (IOException | RuntimeException e) {
                LOG.error("The change {} can not be applied", id, e);
                restore();
                return List.of("the files can not be exchanged: " + e);
            }
        });
    }

    private List<String> apply(Prepared now) throws IOException {
        exchange.write(now.id(), now.who(), now.change());
        List<String> findings = surroundings.reload();
        if (findings.isEmpty()) {
            exchange.applied();
            LOG.info(
                    "The change {} of {} by {} is applied",
                    now.id(),
                    now.change().names(),
                    now.who());
        } else {
            restore();
        }
        return findings;
    }

    private void restore() throws IOException {
        if (exchange.open().isPresent()) {
            exchange.takeBack();
            surroundings.reload().forEach(line -> LOG.error("after the old files were put back: {}", line));
        }
    }

    @Override
    public List<String> keep(String id) {
        return onThread(() -> {
            Optional<Open> open = exchange.open();
            if (open.isPresent() && open.get().id().equals(id)) {
                exchange.keep();
                LOG.info("The change {} stays", id);
                return List.of();
            }
            Optional<Ended> last = exchange.last();
            return last.isPresent() && last.get().equals(new Ended(id, true))
                    ? List.of()
                    : List.of(
                            "the change is not in force here" + (takenBack.contains(id) ? ": it was taken back" : ""));
        });
    }

    @Override
    public List<String> takeBack(String id) {
        return onThread(() -> {
            Prepared now = prepared;
            if (now != null && now.id().equals(id)) {
                prepared = null;
            }
            remember(id);
            Optional<Ended> last = exchange.last();
            if (last.isPresent() && last.get().equals(new Ended(id, true))) {
                return List.of("the change stays here already");
            }
            Optional<Open> open = exchange.open();
            if (open.isPresent() && open.get().id().equals(id)) {
                restore();
                LOG.info("The change {} was taken back", id);
            }
            return List.of();
        });
    }

    private void remember(String id) {
        if (takenBack.add(id)) {
            order.add(id);
            if (order.size() > REMEMBERED) {
                takenBack.remove(order.removeFirst());
            }
        }
    }

    private List<String> onThread(Callable<List<String>> work) {
        try {
            return thread.submit(work).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of("interrupted");
        } catch (RejectedExecutionException e) {
            return List.of("the server is stopping");
        } catch (ExecutionException e) {
            LOG.error("The files could not be exchanged", e.getCause());
            return List.of("failed: " + e.getCause());
        }
    }
}
