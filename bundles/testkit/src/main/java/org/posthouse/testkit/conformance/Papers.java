// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.config.load.Finding;
import org.posthouse.config.load.Jars;
import org.posthouse.config.load.Loaded;
import org.posthouse.config.load.Request;
import org.posthouse.config.load.Schema;
import org.posthouse.config.load.Settings;

/** README and configurations of a plugin, read as the server reads them. */
final class Papers {
    private static final List<String> HEADINGS =
            List.of("What it does", "When it runs", "Configuration", "Example", "Metrics and log lines");
    private static final Pattern EXAMPLE = Pattern.compile("(?s)\n## Example\n(.*?)(?:\n## |\\z)");
    private static final Pattern YAML = Pattern.compile("(?s)```yaml\n(.*?)```");

    private final String plugin;
    private final PluginFiles files;
    private final Path scratch;

    Papers(String plugin, PluginFiles files, Path scratch) {
        this.plugin = plugin;
        this.files = files;
        this.scratch = scratch;
    }

    /** A configuration as a component gets it, and what is wrong with it. */
    record Read(Map<String, Object> values, List<Finding> findings) {}

    List<String> missingHeadings() throws IOException {
        List<String> lines = Files.readAllLines(files.readme());
        return HEADINGS.stream()
                .filter(heading -> !lines.contains("## " + heading))
                .toList();
    }

    /** The configuration it is shipped with. */
    Read shipped() throws IOException {
        return read(Files.readString(files.configuration()));
    }

    /** The first configuration under the heading Example; the shipped one where there is none. */
    Read example() throws IOException {
        Matcher section = EXAMPLE.matcher(Files.readString(files.readme()));
        if (section.find()) {
            Matcher yaml = YAML.matcher(section.group(1));
            if (yaml.find()) {
                return read(yaml.group(1));
            }
        }
        return shipped();
    }

    private Read read(String yaml) throws IOException {
        Path folder = Files.createTempDirectory(scratch, "config");
        Path dropped = Files.createDirectories(folder.resolve("data/plugins"));
        Files.copy(files.jar(), dropped.resolve(plugin + ".jar"));
        Files.createDirectories(folder.resolve("plugins"));
        Files.writeString(folder.resolve("plugins/" + plugin + ".yaml"), yaml);
        Path main = Files.writeString(folder.resolve("posthouse.yaml"), "");
        Jars jars = Jars.scanPlugins(folder.resolve("home"), folder.resolve("data"));
        Request request = new Request(
                folder.resolve("home"), List.of(main), null, null, Map.of(), folder.resolve("data"), Map.of());
        Loaded loaded = Loaded.load(request, new Schema(List.of()), Set.of(plugin));
        List<Finding> findings = new ArrayList<>(jars.unreadable());
        Settings settings = loaded.plugin(plugin, jars.plugins().getOrDefault(plugin, List.of()), findings);
        return new Read(settings.values(), findings);
    }
}
