// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * A command that a plugin brings, {@code posthouse GROUP NAME …}, parsed by what the server says that it takes: required
 * texts stand in order, everything else is an option, and a secret is never on the command line.
 */
final class OfferedCommand {
    private final JsonNode offer;
    private final Terminal terminal;
    private final ApiOptions options = new ApiOptions();

    OfferedCommand(JsonNode offer, Terminal terminal) {
        this.offer = offer;
        this.terminal = terminal;
    }

    /** How it is typed. */
    CommandLine line() {
        CommandSpec spec = CommandSpec.create()
                .name("posthouse " + offer.path("group").asText() + " "
                        + offer.path("name").asText());
        spec.usageMessage().description(plain(offer.path("help").asText()));
        int position = 0;
        for (JsonNode parameter : offer.path("parameters")) {
            if (positional(parameter)) {
                spec.addPositional(PositionalParamSpec.builder()
                        .index(Integer.toString(position++))
                        .paramLabel(parameter.path("name").asText().toUpperCase(Locale.ROOT))
                        .type(String.class)
                        .required(true)
                        .description(plain(parameter.path("help").asText()))
                        .build());
            } else {
                option(spec, parameter);
            }
        }
        spec.addMixin("api", CommandSpec.forAnnotatedObject(options));
        return new CommandLine(spec);
    }

    private static boolean positional(JsonNode parameter) {
        return parameter.path("required").asBoolean() && kind(parameter).equals("text");
    }

    private static String kind(JsonNode parameter) {
        return parameter.path("kind").asText();
    }

    private static void option(CommandSpec spec, JsonNode parameter) {
        String name = "--" + parameter.path("name").asText();
        String help = plain(parameter.path("help").asText());
        boolean required = parameter.path("required").asBoolean();
        switch (kind(parameter)) {
            case "secret" -> {
                add(spec, OptionSpec.builder(name + "-stdin"), help + " One line of standard input.", boolean.class);
                if (!required) {
                    add(spec, OptionSpec.builder(name), help + " Asked for at the terminal.", boolean.class);
                }
            }
            case "flag" -> add(spec, OptionSpec.builder(name), help, boolean.class);
            case "list" ->
                add(
                        spec,
                        OptionSpec.builder(name).required(required).paramLabel("VALUE"),
                        help + " May be given more than once.",
                        String[].class);
            default -> add(spec, OptionSpec.builder(name).paramLabel("VALUE"), help, String.class);
        }
    }

    private static void add(CommandSpec spec, OptionSpec.Builder option, String help, Class<?> type) {
        OptionSpec built = option.type(type).description(help).build();
        // An option of ours that has the same name wins: it says which server is asked.
        if (CommandSpec.forAnnotatedObject(new ApiOptions()).findOption(built.longestName()) == null) {
            spec.addOption(built);
        }
    }

    /** Texts of a plugin are no format strings, neither of ours nor of the parser's. */
    private static String plain(String text) {
        return Table.clean(text, false).replace("%", "%%").replace("@|", "@ |");
    }

    /** Runs it with what was parsed. */
    boolean run(ParseResult parsed, ApiClient api, PrintWriter out) throws ApiException {
        ObjectNode arguments = ApiClient.object();
        for (JsonNode parameter : offer.path("parameters")) {
            put(arguments, parameter, parsed);
        }
        JsonNode answer = api.post(
                "/commands/" + Paths.segment(offer.path("group").asText()) + "/"
                        + Paths.segment(offer.path("name").asText()),
                arguments);
        if (options.json()) {
            out.println(answer);
            return true;
        }
        print(answer, out);
        return true;
    }

    private void put(ObjectNode arguments, JsonNode parameter, ParseResult parsed) throws ApiException {
        String name = parameter.path("name").asText();
        if (kind(parameter).equals("secret")) {
            String secret = secret(name, parameter.path("required").asBoolean(), parsed);
            if (secret != null) {
                arguments.put(name, secret);
            }
            return;
        }
        if (positional(parameter)) {
            arguments.put(name, text(positional(parsed, name)));
            return;
        }
        OptionSpec option = parsed.matchedOption("--" + name);
        if (option != null) {
            switch (kind(parameter)) {
                case "flag" -> arguments.put(name, true);
                case "list" -> {
                    ArrayNode values = arguments.putArray(name);
                    option.stringValues().forEach(values::add);
                }
                default -> arguments.put(name, text(option));
            }
        }
    }

    private static @Nullable ArgSpec positional(ParseResult parsed, String name) {
        return parsed.matchedPositionals().stream()
                .filter(spec -> spec.paramLabel().equalsIgnoreCase(name))
                .findFirst()
                .orElse(null);
    }

    private static String text(@Nullable ArgSpec spec) {
        return spec == null ? "" : String.join("", spec.stringValues());
    }

    private @Nullable String secret(String name, boolean required, ParseResult parsed) throws ApiException {
        if (parsed.hasMatchedOption("--" + name + "-stdin")) {
            return given(name, input());
        }
        if (!required && !parsed.hasMatchedOption("--" + name)) {
            return null;
        }
        if (!terminal.present()) {
            throw new ApiException("There is no terminal to ask for the " + name + " at: --" + name
                    + "-stdin reads it from standard input");
        }
        String typed = given(name, terminal.secret(name + ": "));
        // What is changed and mistyped would lock somebody out.
        if (offer.path("changes").asBoolean() && !typed.equals(terminal.secret(name + " again: "))) {
            throw new ApiException("The two are not the same");
        }
        return typed;
    }

    private @Nullable String input() throws ApiException {
        try {
            return terminal.input();
        } catch (IOException e) {
            throw new ApiException("Standard input can not be read: " + e.getMessage());
        }
    }

    private static String given(String name, @Nullable String secret) throws ApiException {
        if (secret == null || secret.isEmpty()) {
            throw new ApiException("No " + name + " was given");
        }
        return secret;
    }

    private static void print(JsonNode answer, PrintWriter out) {
        String note = answer.path("note").asText();
        if (!note.isEmpty()) {
            out.println(Table.clean(note, true));
        }
        List<String> columns = Profiles.texts(answer.path("columns"));
        if (!columns.isEmpty()) {
            Table table = new Table(columns.toArray(String[]::new));
            List<JsonNode> rows = new ArrayList<>();
            answer.path("rows").forEach(rows::add);
            rows.forEach(row -> table.row(Profiles.texts(row).toArray(String[]::new)));
            table.print(out, true);
        }
    }
}
