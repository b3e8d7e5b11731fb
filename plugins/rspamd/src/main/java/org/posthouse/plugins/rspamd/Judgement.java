// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.posthouse.api.Header;

/**
 * What rspamd says of a message in its answer to {@code /checkv2}.
 *
 * @param skipped whether it did not look and wants nothing
 * @param action the action it wants, such as {@code add header}
 * @param score the sum of its symbols
 * @param required the sum from which on it refuses
 * @param symbols what it found, the weightiest first
 * @param reply what the client shall be told, or empty
 * @param subject the subject it wants, or empty
 * @param signatures values of DKIM-Signature fields
 * @param milter the edits it wants
 */
record Judgement(
        boolean skipped,
        String action,
        double score,
        double required,
        List<Symbol> symbols,
        String reply,
        String subject,
        List<String> signatures,
        Milter milter) {
    static final String NO_ACTION = "no action";

    private static final int NAME_LIMIT = 60;

    /** A symbol and its points. */
    record Symbol(String name, double points) {}

    /** A field to be added; position 0 and 1 is the top, -1 the bottom, as in the milter protocol. */
    record Field(String name, String value, int position) {}

    /** The fields of this name to be removed: 0 for all, the nth from the top, or from the bottom when negative. */
    record Removal(String name, int occurrence) {}

    /**
     * The part {@code milter} of the answer.
     *
     * @param added fields to be added
     * @param removed fields to be removed, before any is added
     * @param marks fields that mark the message when it is to be marked; an empty name is the configured one
     * @param inPlaceOfReject {@code discard}, {@code quarantine} or empty
     * @param noAction whether the action is not to be done
     */
    record Milter(
            List<Field> added, List<Removal> removed, List<Field> marks, String inPlaceOfReject, boolean noAction) {}

    /**
     * Reads an answer.
     *
     * @throws IOException when it is none
     */
    static Judgement read(byte[] octets) throws IOException {
        Json answer = Json.read(octets);
        String action = answer.text("action").toLowerCase(Locale.ROOT).replace('_', ' ');
        boolean skipped = answer.flag("is_skipped") || answer.flag("skipped");
        if (action.isEmpty() && !skipped) {
            throw new IOException("the answer has no action");
        }
        return new Judgement(
                // What was decided before the symbols were asked counts as skipped too, such as the refusal of GTUBE.
                skipped && (action.isEmpty() || action.equals(NO_ACTION)),
                action.isEmpty() ? NO_ACTION : action,
                answer.number("score"),
                answer.number("required_score"),
                symbols(answer.object("symbols")),
                answer.object("messages").text("smtp_message"),
                answer.text("subject"),
                texts(answer.list("dkim-signature")),
                milter(answer.object("milter")));
    }

    private static List<Symbol> symbols(Json all) {
        List<Symbol> symbols = new ArrayList<>();
        all.members()
                .forEach((name, symbol) ->
                        symbols.add(new Symbol(printable(name), Json.of(symbol).number("score"))));
        symbols.sort(Comparator.comparingDouble((Symbol symbol) -> -Math.abs(symbol.points()))
                .thenComparing(Symbol::name));
        return List.copyOf(symbols);
    }

    private static String printable(String name) {
        String text = name.length() > NAME_LIMIT ? name.substring(0, NAME_LIMIT) : name;
        return text.replaceAll("[^!-~]", "_");
    }

    private static List<String> texts(List<Object> values) {
        return values.stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    private static Milter milter(Json milter) {
        return new Milter(
                fields(milter.object("add_headers").members()),
                removals(milter.object("remove_headers").members()),
                marks(milter),
                milter.text("reject"),
                milter.flag("no_action"));
    }

    private static List<Field> marks(Json milter) {
        String value = milter.text("spam_header");
        return value.isEmpty() ? fields(milter.object("spam_header").members()) : List.of(new Field("", value, -1));
    }

    /** A value is a text, an object with a value and an order, or an array of these. */
    private static List<Field> fields(Map<String, Object> members) {
        List<Field> fields = new ArrayList<>();
        members.forEach((name, given) -> {
            for (Object one : Json.elements(given)) {
                Json field = Json.of(one);
                String order = field.members().containsKey("order") ? "order" : "index";
                int position = field.members().containsKey(order) ? (int) field.number(order) : -1;
                String value = one instanceof String text ? text : field.text("value");
                if (!value.isEmpty()) {
                    fields.add(new Field(name, value, position));
                }
            }
        });
        return List.copyOf(fields);
    }

    private static List<Removal> removals(Map<String, Object> members) {
        List<Removal> removals = new ArrayList<>();
        members.forEach((name, given) -> {
            for (Object one : Json.elements(given)) {
                if (one instanceof Double occurrence) {
                    removals.add(new Removal(name, occurrence.intValue()));
                }
            }
        });
        return List.copyOf(removals);
    }

    /** The action, the score and the weightiest symbols, for log and trace. */
    String summary(int most) {
        StringBuilder text = new StringBuilder("rspamd: ")
                .append(printable(action.replace(' ', '-')))
                .append(String.format(Locale.ROOT, " %.2f of %.2f", score, required));
        String before = ": ";
        for (Symbol symbol : symbols.subList(0, Math.min(most, symbols.size()))) {
            text.append(before).append(symbol.name()).append(String.format(Locale.ROOT, " %.2f", symbol.points()));
            before = ", ";
        }
        return text.toString();
    }

    /** The occurrence of the field from the top, 0 for all; -1 when there is none such. */
    static int occurrence(Removal removal, List<Header> present) {
        int count = (int) present.stream().filter(h -> h.is(removal.name())).count();
        int wanted = removal.occurrence() < 0 ? count + 1 + removal.occurrence() : removal.occurrence();
        boolean there = wanted <= count && (wanted > 0 || removal.occurrence() == 0) && count > 0;
        return there ? wanted : -1;
    }
}
