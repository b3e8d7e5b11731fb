// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a campaign needs of the machine it runs on. */
final class Ground {
    private Ground() {}

    /** What is missing, in words. */
    static Optional<String> missing() {
        if (!System.getProperty("user.name").equals("root")) {
            return Optional.of("network namespaces need root");
        }
        for (String program : new String[] {"ip", "gcc", "mkfs.ext4", "mount", "umount", "fallocate"}) {
            if (!Shell.tried("sh", "-c", "command -v " + program)) {
                return Optional.of(program + " is not installed");
            }
        }
        if (!spaces()) {
            return Optional.of("ip netns and veth do not work here");
        }
        return disks() ? Optional.empty() : Optional.of("mount -o loop does not work here");
    }

    private static boolean spaces() {
        String probe = "php" + ProcessHandle.current().pid();
        boolean works = Shell.tried("ip", "netns", "add", probe)
                && Shell.tried("ip", "link", "add", probe, "type", "veth", "peer", "name", "eth0", "netns", probe);
        Shell.tried("ip", "link", "del", probe);
        Shell.tried("ip", "netns", "del", probe);
        return works;
    }

    private static boolean disks() {
        try {
            Path folder = Files.createTempDirectory("probe");
            Path image = folder.resolve("disk");
            Path mount = Files.createDirectory(folder.resolve("mount"));
            Shell.run("fallocate", "-l", "2MiB", image.toString());
            Shell.run("mkfs.ext4", "-q", image.toString());
            boolean works = Shell.tried("mount", "-o", "loop", image.toString(), mount.toString());
            Shell.tried("umount", mount.toString());
            Files.delete(mount);
            Files.delete(image);
            Files.delete(folder);
            return works;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
