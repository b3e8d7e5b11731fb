// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/** Prints settings as YAML that could be read again. */
final class Show {
    private final PrintStream out;
    private final boolean origin;

    Show(PrintStream out, boolean origin) {
        this.out = out;
        this.origin = origin;
    }

    /** Prints all settings of the engine. */
    void engine(Schema schema, List<Settings> settings) {
        for (String pid : schema.all().keySet()) {
            List<Settings> own =
                    settings.stream().filter(one -> one.pid().equals(pid)).toList();
            if (own.isEmpty()) {
                continue;
            }
            out.println(pid + ":");
            for (Settings one : own) {
                if (!one.name().isEmpty()) {
                    out.println("  " + one.name() + ":");
                }
                lines(one, one.name().isEmpty() ? "  " : "    ");
            }
        }
    }

    /** Prints the settings of a plugin as they would stand in its file. */
    void plugin(Settings settings) {
        out.println("# plugins/" + settings.pid() + ".yaml");
        lines(settings, "");
    }

    private void lines(Settings settings, String indent) {
        for (Settings.Line line : settings.lines()) {
            String text = line.list()
                    ? line.texts().stream().map(Show::quote).collect(Collectors.joining(", ", "[", "]"))
                    : quote(line.texts().get(0));
            out.println(indent + line.key() + ": " + text + (origin ? "  # " + line.origin() : ""));
        }
    }

    private static String quote(String text) {
        return text.matches("[A-Za-z0-9/][A-Za-z0-9_./-]*")
                ? text
                : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
