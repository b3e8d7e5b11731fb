// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.posthouse.config.load.ConfigCommand;
import org.posthouse.config.load.Exchange;
import org.posthouse.config.load.Request;
import org.posthouse.config.spi.LaunchProperties;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code posthouse serve}: boots the engine, waits for the end, stops in order. */
@Command(name = Launcher.SERVE, description = "Runs the server in the foreground.")
final class ServeCommand implements Callable<Integer> {
    /** How long after the limit of an ordered stop the process ends in any case. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    @Spec
    private CommandSpec spec;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    /** Who ended it. */
    private enum End {
        SIGNAL,
        ANEW,
        INSIDE
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        Home home = Home.fromSystem();
        Request request = options.request(home);
        Path folder = ConfigCommand.dataDir(request);
        // A configuration that is refused makes no folder.
        if (!Files.isDirectory(folder)) {
            int refused = Checking.begin(request).status();
            if (refused != 0) {
                return refused;
            }
        }
        try (DataFolder data = DataFolder.take(home, folder)) {
            // Only whoever has the folder may: a server that runs is perhaps about to write these files.
            mend(request);
            Checking checking = Checking.begin(request);
            return run(engine(home, data, request), checking, ConfigCommand.shutdownTimeout(request));
        } catch (StartException failure) {
            // What is wrong with the configuration is said first: it may be the reason.
            int refused = Checking.begin(request).status();
            if (refused != 0) {
                return refused;
            }
            throw failure;
        }
    }

    private static Engine engine(Home home, DataFolder data, Request request) throws IOException {
        List<Feature> features = home.features().stream()
                .map(Feature::read)
                .filter(feature -> wanted(feature, request))
                .toList();
        if (features.isEmpty()) {
            throw new StartException(
                    "there are no feature files in " + home.path().resolve("features"));
        }
        return Engine.of(home, data.path(), features, request.toProperties());
    }

    /** A start reads the files whole: where the process ended among an exchange of them, the old ones come back. */
    private static void mend(Request request) {
        try {
            Exchange.mend(request)
                    .ifPresent(change -> System.err.println("posthouse: the server ended while it wrote the change "
                            + change + " of the configuration; the files before it were put back"));
        } catch (IOException e) {
            throw new StartException("the files of a change that was not ended can not be put back: " + e);
        }
    }

    /** What nothing is said of in the configuration is not even installed. */
    private static boolean wanted(Feature feature, Request request) {
        String section = feature.section();
        return section == null || ConfigCommand.has(request, section);
    }

    private int run(Engine engine, Checking checking, Duration limit) throws InterruptedException {
        CompletableFuture<End> end = new CompletableFuture<>();
        Signals.onStop(() -> {
            lastResort(limit.plus(GRACE), Launcher.FAILED);
            end.complete(End.SIGNAL);
        });
        engine.onRelaunch(() -> {
            lastResort(limit.plus(GRACE), Launcher.ANEW);
            end.complete(End.ANEW);
        });
        try {
            engine.install();
            int refused = checking.status();
            if (refused != 0) {
                engine.stop(limit);
                return refused;
            }
            engine.start();
        } catch (StartException failure) {
            engine.stop(limit);
            throw failure;
        }
        Thread.ofVirtual().name("framework-end").start(() -> {
            try {
                engine.await();
                end.complete(End.INSIDE);
            } catch (InterruptedException unexpected) {
                end.completeExceptionally(unexpected);
            }
        });
        return switch (end.join()) {
            case SIGNAL -> stop(engine, limit);
            case ANEW -> {
                // What still runs after that time ends with this process image in any case.
                stop(engine, limit);
                yield Launcher.ANEW;
            }
            case INSIDE -> Integer.getInteger(LaunchProperties.EXIT_STATUS, Launcher.FAILED);
        };
    }

    private int stop(Engine engine, Duration limit) throws InterruptedException {
        List<String> running = engine.stop(limit);
        if (running.isEmpty()) {
            return 0;
        }
        PrintWriter err = spec.commandLine().getErr();
        err.println("posthouse: not stopped within " + limit.toSeconds() + " s: " + String.join(", ", running));
        return Launcher.FAILED;
    }

    /** A bundle that hangs while it starts or stops must not keep the process: what was acknowledged is on disk. */
    private static void lastResort(Duration after, int status) {
        Thread.ofPlatform().daemon().name("last-resort").start(() -> {
            try {
                Thread.sleep(after);
                Runtime.getRuntime().halt(status);
            } catch (InterruptedException never) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
