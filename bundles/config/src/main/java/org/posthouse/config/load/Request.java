// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.spi.LaunchProperties;

/**
 * Where the configuration of this run comes from.
 *
 * @param home where the program is installed
 * @param configFiles the files named on the command line; one is the main file beside its layers, several are taken as
 *     they are
 * @param configDir the folder of the layers, when it was named
 * @param env the name of the environment whose layer is read, when it was named
 * @param sets values from the command line by dotted key; they win over all others
 * @param data the data folder, when it was named on the command line
 * @param environment the environment variables
 */
public record Request(
        Path home,
        List<Path> configFiles,
        @Nullable Path configDir,
        @Nullable String env,
        Map<String, String> sets,
        @Nullable Path data,
        Map<String, String> environment) {
    public Request {
        configFiles = List.copyOf(configFiles);
        sets = Map.copyOf(sets);
        environment = Map.copyOf(environment);
    }

    /** This request as framework properties, so that the bundle reads the same files. */
    public Map<String, String> toProperties() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put(LaunchProperties.HOME, home.toAbsolutePath().toString());
        properties.put(
                LaunchProperties.DATA,
                ConfigCommand.dataDir(this).toAbsolutePath().toString());
        if (!configFiles.isEmpty()) {
            properties.put(
                    LaunchProperties.CONFIG_FILES,
                    configFiles.stream().map(Path::toString).collect(Collectors.joining(",")));
        }
        if (configDir != null) {
            properties.put(LaunchProperties.CONFIG_DIR, configDir.toString());
        }
        if (env != null) {
            properties.put(LaunchProperties.CONFIG_ENV, env);
        }
        if (!sets.isEmpty()) {
            properties.put(
                    LaunchProperties.CONFIG_SETS,
                    sets.entrySet().stream()
                            .map(set -> set.getKey() + "=" + set.getValue())
                            .collect(Collectors.joining("\n")));
        }
        return properties;
    }

    /** The request the launcher wrote into the framework properties. */
    public static Request fromProperties(Function<String, @Nullable String> property, Map<String, String> environment) {
        String home = property.apply(LaunchProperties.HOME);
        String data = property.apply(LaunchProperties.DATA);
        String dir = property.apply(LaunchProperties.CONFIG_DIR);
        return new Request(
                Path.of(home == null ? "." : home),
                paths(property.apply(LaunchProperties.CONFIG_FILES)),
                dir == null ? null : Path.of(dir),
                property.apply(LaunchProperties.CONFIG_ENV),
                sets(property.apply(LaunchProperties.CONFIG_SETS)),
                data == null ? null : Path.of(data),
                environment);
    }

    private static List<Path> paths(@Nullable String list) {
        return list == null || list.isBlank()
                ? List.of()
                : Arrays.stream(list.split(","))
                        .map(String::strip)
                        .map(Path::of)
                        .toList();
    }

    private static Map<String, String> sets(@Nullable String lines) {
        Map<String, String> sets = new LinkedHashMap<>();
        if (lines != null) {
            lines.lines().filter(line -> line.indexOf('=') > 0).forEach(line -> {
                int equals = line.indexOf('=');
                sets.put(line.substring(0, equals), line.substring(equals + 1));
            });
        }
        return sets;
    }
}
