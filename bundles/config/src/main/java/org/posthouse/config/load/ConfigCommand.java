// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.posthouse.config.load.Units.BadValue;
import org.posthouse.config.spi.LaunchProperties;

/** What the launcher and {@code posthouse config} do with the configuration while no server runs. */
public final class ConfigCommand {
    private static final int GOOD = 0;
    private static final String SHUTDOWN_TIMEOUT = "30s";

    private ConfigCommand() {}

    /**
     * Checks everything for a start: 0, or 78 when the engine's configuration is refused.
     *
     * <p>What is wrong with a plugin's file is printed and does not keep the server from starting: its hooks then count as
     * missing.
     */
    public static int check(Request request, PrintStream out) {
        return check(request, out, false);
    }

    /** Checks everything for the operator: 78 also when a plugin's file is refused; says so when all is well. */
    public static int checkAll(Request request, PrintStream out) {
        return check(request, out, true);
    }

    /** Prints the effective configuration as YAML, secrets masked, with the origin of every value when asked for. */
    public static int show(Request request, boolean origin, PrintStream out) {
        Jars jars = Jars.scan(request.home(), dataDir(request));
        Loaded loaded = load(request, jars);
        List<Finding> wrong = new ArrayList<>(loaded.findings());
        Show show = new Show(out, origin);
        show.engine(jars.schema(), loaded.settings());
        for (String plugin : loaded.plugins()) {
            List<Ocd> declared = jars.plugins().get(plugin);
            if (declared != null) {
                show.plugin(loaded.plugin(plugin, declared, wrong));
            }
        }
        wrong.forEach(finding -> out.println("# refused: " + finding));
        return loaded.findings().isEmpty() ? GOOD : LaunchProperties.EXIT_CONFIG;
    }

    /**
     * The data folder: from the command line, a variable or the files, by default {@code data}; relative to the current
     * directory.
     */
    public static Path dataDir(Request request) {
        Path data = request.data();
        if (data != null) {
            return data.toAbsolutePath().normalize();
        }
        String dir = server(request, "dataDir", "data");
        return Path.of(dir).toAbsolutePath().normalize();
    }

    /** How long a stop may take ({@code server.shutdownTimeout}); the default when it is not a duration. */
    public static Duration shutdownTimeout(Request request) {
        try {
            String limit = server(request, "shutdownTimeout", SHUTDOWN_TIMEOUT);
            return Duration.ofMillis(Units.duration(limit.strip()));
        } catch (BadValue e) {
            return Duration.ofSeconds(30);
        }
    }

    /** Whether the configuration has this section, in a file or on the command line. */
    public static boolean has(Request request, String section) {
        return request.sets().keySet().stream().anyMatch(key -> key.startsWith(section + "."))
                || Layers.root(request).entries().get(section) instanceof Value.Section;
    }

    /** A value of the section {@code server}, without metatype. */
    private static String server(Request request, String key, String fallback) {
        String value = request.sets().get("server." + key);
        if (value == null) {
            value = request.environment().get("POSTHOUSE_SERVER_" + key.toUpperCase(Locale.ROOT));
        }
        if (value == null
                && Layers.root(request).entries().get("server") instanceof Value.Section server
                && server.entries().get(key) instanceof Value.Text text) {
            value = text.text();
        }
        return value == null || value.isBlank() ? fallback : value;
    }

    private static int check(Request request, PrintStream out, boolean operator) {
        Jars jars = Jars.scan(request.home(), dataDir(request));
        Loaded loaded = load(request, jars);
        jars.unreadable().forEach(out::println);
        loaded.findings().forEach(out::println);
        List<Finding> plugins = plugins(loaded, jars.plugins(), out, operator);
        plugins.forEach(out::println);
        boolean refused = !loaded.findings().isEmpty() || (operator && !plugins.isEmpty());
        if (operator && !refused) {
            out.println("The configuration is good.");
        }
        return refused ? LaunchProperties.EXIT_CONFIG : GOOD;
    }

    private static Loaded load(Request request, Jars jars) {
        return Loaded.load(request, jars.schema(), jars.plugins().keySet());
    }

    private static List<Finding> plugins(
            Loaded loaded, Map<String, List<Ocd>> installed, PrintStream out, boolean operator) {
        List<Finding> wrong = new ArrayList<>();
        for (String name : loaded.plugins()) {
            List<Ocd> declared = installed.get(name);
            if (declared != null) {
                loaded.plugin(name, declared, wrong);
            } else {
                wrong.addAll(loaded.tree().pluginFindings().getOrDefault(name, List.of()));
                if (operator) {
                    out.println(
                            "plugins." + name + ": no plugin of this name is installed, so its keys are not checked");
                }
            }
        }
        return wrong;
    }
}
