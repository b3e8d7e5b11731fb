// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a plugin is made of and may do, as the operator reads it before and after it is installed. */
final class Profiles {
    private static final int CLASSES = 3;

    private Profiles() {}

    static void print(JsonNode profile, PrintWriter out) {
        fact(
                out,
                "Plugin",
                profile.path("name").asText() + " " + profile.path("version").asText());
        fact(out, "State", profile.path("state").asText());
        fact(out, "Generation", profile.path("generation").asText());
        fact(out, "To know", profile.path("detail").asText());
        fact(out, "SHA-256", profile.path("hash").asText());
        fact(out, "Signed by", signer(profile));
        fact(out, "Offers", String.join(", ", texts(profile.path("services"))));
        uses(profile.path("uses"), out);
        hooks(profile.path("hooks"), out);
        generations(profile.path("generations"), out);
    }

    private static void fact(PrintWriter out, String name, String value) {
        if (!value.isEmpty()) {
            out.println(Table.clean(name + ": " + " ".repeat(11 - name.length()) + value, false));
        }
    }

    private static String signer(JsonNode profile) {
        String signer = profile.path("signer").asText();
        return signer.isEmpty() ? "nobody" : signer;
    }

    private static void uses(JsonNode uses, PrintWriter out) {
        if (uses.isEmpty()) {
            fact(out, "Uses", "nothing beyond the API");
        }
        for (Map.Entry<String, JsonNode> use : uses.properties()) {
            List<String> classes = texts(use.getValue());
            String more = classes.size() > CLASSES ? " and " + (classes.size() - CLASSES) + " more" : "";
            fact(
                    out,
                    "Uses",
                    use.getKey() + ", in " + String.join(", ", classes.subList(0, Math.min(CLASSES, classes.size())))
                            + more);
        }
    }

    private static void hooks(JsonNode hooks, PrintWriter out) {
        if (hooks.isEmpty()) {
            return;
        }
        Table table = new Table("HOOK", "STAGE", "NEEDS", "AFTER", "BEFORE", "BUDGET ms", "ON FAILURE");
        for (JsonNode hook : hooks) {
            table.row(
                    hook.path("hook").asText(),
                    hook.path("stage").asText(),
                    needs(hook),
                    String.join(", ", texts(hook.path("after"))),
                    String.join(", ", texts(hook.path("before"))),
                    hook.path("timeoutMillis").asText(),
                    word(hook.path("onFailure").asText()));
        }
        out.println();
        table.print(out, true);
    }

    private static String needs(JsonNode hook) {
        List<String> needs = texts(hook.path("needs"));
        return needs.isEmpty() ? "nothing" : word(String.join(", ", needs));
    }

    private static void generations(JsonNode generations, PrintWriter out) {
        if (generations.isEmpty()) {
            return;
        }
        Table table = new Table("GENERATION", "VERSION", "ROLE", "SHARE %", "SINCE", "CALLS", "FAILURES", "MEAN µs");
        for (JsonNode generation : generations) {
            table.row(
                    generation.path("label").asText(),
                    generation.path("version").asText(),
                    generation.path("role").asText(),
                    generation.path("share").asText(),
                    Times.time(generation.path("since")),
                    generation.path("calls").asText(),
                    generation.path("failures").asText(),
                    micros(generation.path("meanMicros")));
        }
        out.println();
        table.print(out, true);
    }

    /** What became of a plugin: {@code active, generation 3@1a}. */
    static String standing(JsonNode plugin) {
        String detail = plugin.path("detail").asText();
        String generation = plugin.path("generation").asText();
        return plugin.path("state").asText()
                + (generation.isEmpty() ? "" : ", generation " + generation)
                + (detail.isEmpty() ? "" : ": " + detail);
    }

    static String micros(JsonNode mean) {
        return String.format(Locale.ROOT, "%.1f", mean.asDouble());
    }

    private static String word(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
