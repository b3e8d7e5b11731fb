// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;

/** What stands between a server and the system: a disk that is sick on demand, and a clock that jumps on demand. */
final class Preload {
    private static final Path FAKETIME = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");

    private final Path shim;
    private final Path mood;
    private final Path clock;
    private final boolean jumps;

    /**
     * For one node.
     *
     * @param shim from {@link #compile}
     * @param folder where the files are that say what is wrong
     * @param root below which files are touched
     * @param jumps whether its clock can jump
     */
    Preload(Path shim, Path folder, boolean jumps) {
        this.shim = shim;
        this.mood = folder.resolve("mood");
        this.clock = folder.resolve("clock");
        this.jumps = jumps;
        heal();
    }

    /** Builds the sick disk. */
    static Path compile(Path root, Path folder) {
        Path shim = folder.resolve("sickdisk.so");
        Path source = root.resolve("itests/blackbox/src/test/c/sickdisk.c");
        Shell.run("gcc", "-O1", "-shared", "-fPIC", "-o", shim.toString(), source.toString(), "-ldl");
        return shim;
    }

    /** Whether clocks can jump on this machine. */
    static boolean clocks() {
        return Files.exists(FAKETIME);
    }

    /** What a server must be started with. */
    Map<String, String> environment(Path sickBelow) {
        Map<String, String> environment = new HashMap<>();
        environment.put("LD_PRELOAD", jumps ? FAKETIME + " " + shim : shim.toString());
        environment.put("SICKDISK_CONTROL", mood.toString());
        environment.put("SICKDISK_ROOT", sickBelow.toString());
        if (jumps) {
            environment.put("FAKETIME_TIMESTAMP_FILE", clock.toString());
            environment.put("FAKETIME_CACHE_DURATION", "1");
            // A wall clock may be set; the monotonic one is the kernel's.
            environment.put("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            // Otherwise threads of a JVM that wait for so long never wake.
            environment.put("FAKETIME_FORCE_MONOTONIC_FIX", "0");
            environment.put("NO_FAKE_STAT", "1");
        }
        return environment;
    }

    /** Makes the disk sick: a word of the shim. */
    void disk(String word) {
        write(mood, word);
    }

    /** Sets the clock off by so many seconds from now on. */
    void clock(long seconds) {
        write(clock, (seconds < 0 ? "" : "+") + seconds);
    }

    void heal() {
        disk("ok");
        clock(0);
    }

    private static void write(Path file, String text) {
        try {
            Path part = file.resolveSibling(file.getFileName() + ".part");
            Files.writeString(part, text + "\n");
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
