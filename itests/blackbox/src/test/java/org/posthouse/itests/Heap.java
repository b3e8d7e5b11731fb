// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The live objects of a daemon, counted after a collection. */
record Heap(String histogram) {
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

    static Heap of(Daemon daemon) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin/jcmd").toString();
        String pid = "" + daemon.javaPid();
        // Twice: what the first collection finds unreachable by references is gone after the second.
        Tool.run(Duration.ofSeconds(60), Map.of(), List.of(jcmd, pid, "GC.run")).mustSucceed();
        return new Heap(Tool.run(Duration.ofSeconds(60), Map.of(), List.of(jcmd, pid, "GC.class_histogram"))
                .mustSucceed()
                .output());
    }

    long octets() {
        Matcher total = TOTAL.matcher(histogram);
        if (!total.find()) {
            throw new AssertionError("no total: " + histogram);
        }
        return Long.parseLong(total.group(1));
    }

    /** Instances of a class, over all its class loaders. */
    long instances(String type) {
        Matcher lines = Pattern.compile("(?m)^ *\\d+: +(\\d+) +\\d+ +" + Pattern.quote(type) + "(?: .*)?$")
                .matcher(histogram);
        return lines.results().mapToLong(line -> Long.parseLong(line.group(1))).sum();
    }
}
