// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at the files of the store before RocksDB opens them. RocksDB would take some damage for a torn tail and go on
 * without what is behind it.
 */
final class Inspection {
    private Inspection() {}

    /** What is damaged in one sentence; empty when nothing is or there is no store yet. */
    static String damage(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return "";
        }
        Path current = folder.resolve("CURRENT");
        List<Path> logs = files(folder, "[0-9]+\\.log");
        if (!Files.exists(current)) {
            boolean fresh =
                    logs.isEmpty() && files(folder, "[0-9]+\\.sst|MANIFEST-.*").isEmpty();
            return fresh ? "" : "CURRENT is missing";
        }
        String name = Files.readString(current, StandardCharsets.ISO_8859_1);
        if (!name.matches("MANIFEST-[0-9]+\n")) {
            return "CURRENT is damaged";
        }
        Path manifest = folder.resolve(name.strip());
        if (!Files.exists(manifest)) {
            return manifest.getFileName() + " is missing";
        }
        LogFile.Outcome outcome = LogFile.read(manifest, record -> {});
        if (outcome.bad() > 0 || outcome.records() == 0) {
            return manifest.getFileName() + " is damaged";
        }
        return logs(logs);
    }

    private static String logs(List<Path> logs) throws IOException {
        Path torn = null;
        for (Path log : logs) {
            LogFile.Outcome outcome = LogFile.read(log, record -> {});
            if (outcome.inside() || (torn != null && outcome.records() > 0)) {
                Path where = outcome.inside() || torn == null ? log : torn;
                return where.getFileName() + " is damaged before its end";
            }
            torn = outcome.bad() > 0 ? log : torn;
        }
        return "";
    }

    /** Files of the folder whose names fit, in order. */
    static List<Path> files(Path folder, String pattern) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(
                folder, p -> String.valueOf(p.getFileName()).matches(pattern))) {
            all.forEach(found::add);
        }
        found.sort(null);
        return found;
    }
}
