// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Notices that files changed, by looking at them.
 *
 * <p>Looking once a second works on every file system and through the symbolic links of Kubernetes, where events of the
 * operating system do not. A change is reported once the files have stayed the same for one more look, so that a file is
 * not read while it is written.
 */
final class Watch {
    private Map<Path, String> reported = Map.of();
    private Map<Path, String> seen = Map.of();

    /** Takes the files as they are for known. */
    void accept(List<Path> files) {
        reported = look(files);
        seen = reported;
    }

    /** Whether the files differ from what was last reported or accepted and are at rest. */
    boolean changed(List<Path> files) {
        Map<Path, String> now = look(files);
        boolean rest = now.equals(seen);
        seen = now;
        if (rest && !now.equals(reported)) {
            reported = now;
            return true;
        }
        return false;
    }

    private static Map<Path, String> look(List<Path> files) {
        Map<Path, String> states = new TreeMap<>();
        for (Path file : files) {
            states.put(file, state(file));
        }
        return states;
    }

    private static String state(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
        } catch (IOException e) {
            return "absent";
        }
    }
}
