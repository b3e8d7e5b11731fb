// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.uploads;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.admin.spi.Uploads;
import org.posthouse.config.spi.Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Uploads in {@code <dataDir>/run/uploads}, which is empty after every start. */
@Component(service = Uploads.class)
public final class FolderUploads implements Uploads {
    static final int MOST = 8;
    static final Duration KEPT = Duration.ofMinutes(15);

    private static final Logger LOG = LoggerFactory.getLogger(FolderUploads.class);

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Instant> taken = new ConcurrentHashMap<>();
    private final Path folder;
    private final Clock clock;

    @Activate
    public FolderUploads(@Reference Server server) throws IOException {
        this(server.dataDir(), Clock.systemUTC());
    }

    /** Uploads below this data folder, whose age this clock tells. */
    public FolderUploads(Path dataDir, Clock clock) throws IOException {
        this.clock = clock;
        this.folder = Files.createDirectories(dataDir.resolve("run").resolve("uploads"));
        empty();
    }

    @Override
    public Upload take(InputStream content) throws IOException, TooMuchException {
        String id = reserve();
        boolean whole = false;
        try {
            long octets = copy(content, path(id));
            whole = true;
            return new Upload(id, octets);
        } finally {
            if (!whole) {
                drop(id);
            }
        }
    }

    private synchronized String reserve() throws TooMuchException {
        dropOld();
        if (taken.size() >= MOST) {
            throw new TooMuchException(
                    MOST + " files wait to be used already; each is dropped after " + KEPT.toMinutes() + " minutes");
        }
        byte[] octets = new byte[16];
        random.nextBytes(octets);
        String id = HexFormat.of().formatHex(octets);
        taken.put(id, clock.instant());
        return id;
    }

    private static long copy(InputStream content, Path file) throws IOException, TooMuchException {
        byte[] buffer = new byte[64 * 1024];
        long octets = 0;
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
                octets += read;
                if (octets > LARGEST) {
                    throw new TooMuchException("A file may have " + LARGEST / (1024 * 1024) + " MB at most");
                }
                out.write(buffer, 0, read);
            }
        }
        return octets;
    }

    @Override
    public synchronized Optional<Path> file(String id) {
        dropOld();
        return taken.containsKey(id) && Files.exists(path(id)) ? Optional.of(path(id)) : Optional.empty();
    }

    @Override
    public void drop(String id) {
        if (taken.remove(id) != null) {
            delete(path(id));
        }
    }

    private void dropOld() {
        Instant oldest = clock.instant().minus(KEPT);
        taken.entrySet().stream()
                .filter(entry -> entry.getValue().isBefore(oldest))
                .map(Map.Entry::getKey)
                .forEach(this::drop);
    }

    @Deactivate
    void empty() throws IOException {
        taken.clear();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(FolderUploads::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{} can not be deleted", file, e);
        }
    }

    private Path path(String id) {
        return folder.resolve(id + ".jar");
    }
}
