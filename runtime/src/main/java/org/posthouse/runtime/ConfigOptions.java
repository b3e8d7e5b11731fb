// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.load.Request;
import picocli.CommandLine.Option;

/** The options that say which configuration is meant; the same for every command. */
public final class ConfigOptions {
    @Option(names = "--config", paramLabel = "FILE", description = "The main configuration file.")
    private @Nullable Path file;

    @Option(names = "--config-dir", paramLabel = "DIR", description = "The folder of the configuration files.")
    private @Nullable Path dir;

    @Option(names = "--config-files", paramLabel = "A,B", split = ",", description = "Files to merge, later wins.")
    private List<Path> files = List.of();

    @Option(names = "--env", paramLabel = "NAME", description = "Also reads NAME.yaml.")
    private @Nullable String env;

    @Option(names = "--set", paramLabel = "path.to.key=value", description = "One value, above all files.")
    private Map<String, String> sets = new LinkedHashMap<>();

    @Option(names = "--data", paramLabel = "DIR", description = "The data folder, instead of server.dataDir.")
    private @Nullable Path data;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    private boolean help;

    /** What these options ask for in this installation. */
    public Request request(Home home) {
        List<Path> named = Stream.concat(Stream.ofNullable(file), files.stream())
                .map(ConfigOptions::absolute)
                .toList();
        Path folder = dir == null ? null : absolute(dir);
        Path where = data == null ? null : absolute(data);
        return new Request(home.path(), named, folder, env, sets, where, System.getenv());
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }
}
