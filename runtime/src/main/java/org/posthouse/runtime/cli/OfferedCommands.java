// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.posthouse.runtime.StartException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The commands that plugins bring: a first word that is none of ours is looked for at the running server. */
public final class OfferedCommands {
    private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9-]*");
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private final Terminal terminal;
    private final PrintWriter out;
    private final PrintWriter err;

    public OfferedCommands(PrintWriter out, PrintWriter err) {
        this(Terminal.OWN, out, err);
    }

    OfferedCommands(Terminal terminal, PrintWriter out, PrintWriter err) {
        this.terminal = terminal;
        this.out = out;
        this.err = err;
    }

    /** Whether a word could be the group of a plugin's commands. */
    public static boolean mayBe(String word) {
        return WORD.matcher(word).matches();
    }

    /** The words behind the group, of which ours are taken out: they say which server is asked. */
    @Command
    private static final class Words {
        @Mixin
        private final ApiOptions options = new ApiOptions();
    }

    /** Runs {@code GROUP NAME …}; returns the exit status. */
    public int run(String... arguments) {
        String group = arguments[0];
        List<String> rest = List.of(arguments).subList(1, arguments.length);
        Words words = new Words();
        try {
            CommandLine line = new CommandLine(words).setUnmatchedArgumentsAllowed(true);
            ParseResult parsed = line.parseArgs(rest.toArray(String[]::new));
            ApiClient api = words.options.client();
            JsonNode commands = api.get("/commands").path("commands");
            return run(api, group, commands, rest, parsed.isUsageHelpRequested());
        } catch (ParameterException e) {
            return usage(first(e), "posthouse " + group + " --help");
        } catch (ApiException e) {
            return unasked(group, e.reason());
        } catch (StartException e) {
            return unasked(group, e.reason());
        } finally {
            out.flush();
        }
    }

    private int run(ApiClient api, String group, JsonNode commands, List<String> rest, boolean help) {
        Set<String> groups = new TreeSet<>();
        List<JsonNode> offers = new ArrayList<>();
        for (JsonNode offer : commands) {
            groups.add(offer.path("group").asText());
            if (offer.path("group").asText().equals(group)) {
                offers.add(offer);
            }
        }
        if (offers.isEmpty() && group.equals(ClusterCommand.NAME)) {
            // What is not of the program itself comes with the bundle that only members of a cluster have.
            return complain("this server is not part of a cluster: its configuration has no section cluster", FAILED);
        }
        if (offers.isEmpty()) {
            return unknown(
                    group,
                    groups.isEmpty() ? "no plugin offers commands" : "plugins offer " + String.join(", ", groups));
        }
        String name = rest.isEmpty() || rest.getFirst().startsWith("-") ? "" : rest.getFirst();
        JsonNode offer = find(offers, name);
        if (offer != null) {
            return run(api, offer, rest.subList(1, rest.size()));
        }
        if (help && name.isEmpty()) {
            list(group, offers);
            return 0;
        }
        String names = offers.stream().map(o -> o.path("name").asText()).collect(Collectors.joining(", "));
        return usage(
                (name.isEmpty() ? "a command is missing: " : "unknown command: " + group + " " + name + ", known: ")
                        + names,
                "posthouse " + group + " --help");
    }

    private static @Nullable JsonNode find(List<JsonNode> offers, String name) {
        return offers.stream()
                .filter(offer -> offer.path("name").asText().equals(name))
                .findFirst()
                .orElse(null);
    }

    private int run(ApiClient api, JsonNode offer, List<String> rest) {
        OfferedCommand command = new OfferedCommand(offer, terminal);
        CommandLine line = command.line();
        try {
            ParseResult parsed = line.parseArgs(rest.toArray(String[]::new));
            if (parsed.isUsageHelpRequested()) {
                line.usage(out);
                return 0;
            }
            return command.run(parsed, api, out) ? 0 : FAILED;
        } catch (ParameterException e) {
            return usage(first(e), line.getCommandName() + " --help");
        } catch (ApiException e) {
            return complain(e.reason(), FAILED);
        }
    }

    private void list(String group, List<JsonNode> offers) {
        out.println("Usage: posthouse " + group + " COMMAND");
        Table table = new Table("COMMAND", "TAKES", "DOES", "PLUGIN");
        for (JsonNode offer : offers) {
            List<String> takes = new ArrayList<>();
            offer.path("parameters").forEach(parameter -> takes.add(takes(parameter)));
            table.row(
                    offer.path("name").asText(),
                    String.join(" ", takes),
                    offer.path("help").asText(),
                    offer.path("plugin").asText());
        }
        table.print(out, true);
    }

    private static String takes(JsonNode parameter) {
        String name = parameter.path("name").asText();
        boolean required = parameter.path("required").asBoolean();
        return switch (parameter.path("kind").asText()) {
            case "secret" -> required ? "[--" + name + "-stdin]" : "[--" + name + "|--" + name + "-stdin]";
            case "flag" -> "[--" + name + "]";
            case "list" -> required ? "--" + name + " VALUE…" : "[--" + name + " VALUE…]";
            default -> required ? name.toUpperCase(Locale.ROOT) : "[--" + name + " VALUE]";
        };
    }

    private int unasked(String word, String why) {
        if (word.equals(ClusterCommand.NAME)) {
            return complain(why, FAILED);
        }
        String text = word + " is no command of the program itself, and those of plugins need the running server: ";
        return usage(text + why, "posthouse --help");
    }

    private int unknown(String word, String why) {
        return usage("unknown command: " + word + "; " + why, "posthouse --help");
    }

    private int usage(String reason, String help) {
        return complain(reason + " (see '" + help + "')", USAGE);
    }

    private int complain(String reason, int status) {
        Table.clean(reason, true).lines().forEach(line -> err.println("posthouse: " + line));
        err.flush();
        return status;
    }

    private static String first(ParameterException wrong) {
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            // Not what follows it: that may be a secret which was typed in the wrong place.
            return "unknown option or argument: " + unmatched.getUnmatched().getFirst();
        }
        return String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong command line");
    }
}
