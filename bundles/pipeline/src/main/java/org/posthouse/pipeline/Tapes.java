// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Sender;
import org.posthouse.pipeline.spi.RecordedJson;
import org.posthouse.pipeline.spi.Replays.Recorded;
import org.posthouse.pipeline.spi.Replays.Recording;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records transactions, one line each, in {@code <dataDir>/recordings/<name>.jsonl}. The writing is done by a thread of its
 * own; what it can not keep up with is left out, so that recording slows no mail.
 */
public final class Tapes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Tapes.class);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final String SUFFIX = ".jsonl";
    private static final int MOST_WAITING = 64;
    private static final int MOST_RECORDED = 1_000_000;

    private final @Nullable Path folder;
    private final ThreadPoolExecutor writer = new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            work -> Thread.ofPlatform().daemon().name("recordings").unstarted(work));
    private volatile Recording wanted = Recording.NONE;
    private int taken;

    private Tapes(@Nullable Path folder) {
        this.folder = folder;
    }

    /** Records below this folder. */
    public static Tapes in(Path dataDir) {
        return new Tapes(dataDir.resolve("recordings"));
    }

    /** Records nothing. */
    static Tapes none() {
        return new Tapes(null);
    }

    /** Whether transactions are recorded now. */
    boolean recording() {
        return wanted != Recording.NONE;
    }

    Recording wanted() {
        return wanted;
    }

    /** Begins a recording, or ends it. */
    synchronized Recording record(Recording next) throws IOException {
        if (next.name().isEmpty()) {
            wanted = Recording.NONE;
            return wanted;
        }
        if (next.percent() < 1 || next.percent() > 100 || next.most() < 1 || next.most() > MOST_RECORDED) {
            throw new IOException("a recording takes 1 to 100 percent of 1 to " + MOST_RECORDED + " transactions");
        }
        Path file = file(next.name());
        // Mail is for nobody else on this machine to read, whoever may look into the data folder.
        Files.createDirectories(
                file.toAbsolutePath().getParent(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (Files.exists(file)) {
            throw new IOException("there is a recording " + next.name() + " already");
        }
        Files.createFile(file);
        taken = 0;
        wanted = next;
        return wanted;
    }

    private Path file(String name) throws IOException {
        if (folder == null || !NAME.matcher(name).matches()) {
            throw new IOException("not the name of a recording: " + name);
        }
        return folder.resolve(name + SUFFIX);
    }

    /** A tape for a transaction that begins, or null. */
    @Nullable
    Tape begin(SessionState session, String id, Sender sender) {
        Recording now = wanted;
        if (now == Recording.NONE || ThreadLocalRandom.current().nextInt(100) >= now.percent()) {
            return null;
        }
        return take(now) ? new Tape(now.name(), session, id, sender, now.bodies()) : null;
    }

    private synchronized boolean take(Recording now) {
        if (wanted != now) {
            return false;
        }
        taken++;
        if (taken >= now.most()) {
            wanted = Recording.NONE;
        }
        return true;
    }

    /** A recorded transaction is over. */
    void ended(Tape tape) {
        Recorded recorded = tape.recorded();
        try {
            writer.execute(() -> write(tape.recording(), recorded));
        } catch (RejectedExecutionException e) {
            LOG.warn("Transaction {} was not recorded: the disk is too slow", recorded.id());
        }
    }

    private void write(String name, Recorded recorded) {
        try (BufferedWriter out = Files.newBufferedWriter(
                file(name), StandardCharsets.US_ASCII, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            out.append(RecordedJson.write(recorded)).append('\n');
        } catch (IOException e) {
            LOG.warn("Transaction {} could not be recorded", recorded.id(), e);
        }
    }

    /** Reads a recording. */
    List<Recorded> read(String name, int from, int most) throws IOException {
        List<Recorded> found = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file(name), StandardCharsets.US_ASCII)) {
            int number = 0;
            String line = lines.readLine();
            while (line != null && found.size() < most) {
                if (number++ >= from) {
                    found.add(RecordedJson.read(line));
                }
                line = lines.readLine();
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("recording " + name + " is damaged: " + e.getMessage(), e);
        }
        return found;
    }

    /** Ends a recording; what is over already is written. */
    @Override
    public void close() {
        synchronized (this) {
            wanted = Recording.NONE;
        }
        writer.shutdown();
        try {
            if (!writer.awaitTermination(2, TimeUnit.SECONDS)) {
                LOG.warn("Transactions are still being recorded at the end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
