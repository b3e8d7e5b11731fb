// SPDX-License-Identifier: Apache-2.0
package org.posthouse.conditions;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.posthouse.api.Stage;
import org.posthouse.outside.network.Network;

/**
 * Reads when a rule applies. The grammar:
 *
 * <pre>
 * or        = and { "or" and }
 * and       = unary { "and" unary }
 * unary     = "not" unary | "(" or ")" | test
 * test      = flag | network | text | number
 * flag      = "any" | "trusted" | "authenticated" | "encrypted"
 * network   = "peer" ( "=" | "!=" | "in" ) list
 * text      = ( "listener" | "profile" | "helo" | "tls" | "user" | "from" | "tenant" | "to" | "header" name )
 *             ( ( "=" | "!=" | "in" ) list | ( "~" | "!~" ) quoted )
 * number    = ( "size" | "score" [ symbol ] ) ( "=" | "!=" | "&lt;" | "&lt;=" | "&gt;" | "&gt;=" ) value
 * list      = value | "(" value { "," value } ")"
 * </pre>
 */
public final class ConditionParser {
    private static final int LONGEST = 1000;
    private static final int DEEPEST = 20;

    private final Cursor in;
    private final Stage stage;
    private int depth;

    /**
     * Reads on.
     *
     * @param in where the condition begins
     * @param stage where the rule is asked; what is not known there can not be asked about
     */
    public ConditionParser(Cursor in, Stage stage) {
        this.in = in;
        this.stage = stage;
    }

    /** The text of a rule without blanks around it; refuses what no rule can be. */
    public static String checked(String written) throws RuleException {
        String text = written.strip();
        if (text.length() > LONGEST) {
            throw new RuleException(LONGEST + 1, "a rule has at most " + LONGEST + " characters");
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i)) && text.charAt(i) != '\t') {
                throw new RuleException(i + 1, "control characters have no place in a rule");
            }
        }
        return text;
    }

    /** Reads the condition. */
    public Condition condition() throws RuleException {
        return or();
    }

    private Condition or() throws RuleException {
        List<Condition> parts = new ArrayList<>(List.of(and()));
        while (in.eatWord("or")) {
            parts.add(and());
        }
        return parts.size() == 1 ? parts.getFirst() : new Condition.Or(parts);
    }

    private Condition and() throws RuleException {
        List<Condition> parts = new ArrayList<>(List.of(unary()));
        while (in.eatWord("and")) {
            parts.add(unary());
        }
        return parts.size() == 1 ? parts.getFirst() : new Condition.And(parts);
    }

    private Condition unary() throws RuleException {
        if (++depth > DEEPEST) {
            throw new RuleException(in.column(), "parentheses and 'not' are nested more than " + DEEPEST + " deep");
        }
        Condition read;
        if (in.eatWord("not")) {
            read = new Condition.Not(unary());
        } else if (in.eat("(")) {
            read = or();
            if (!in.eat(")")) {
                throw in.expected("')'");
            }
        } else {
            read = test();
        }
        depth--;
        return read;
    }

    private Condition test() throws RuleException {
        int column = in.column();
        String word = in.name();
        Field field = Field.of(word).orElseThrow(() -> in.back(column).expected("one of " + Field.at(stage)));
        if (!field.knownAt(stage)) {
            throw new RuleException(column, "'" + field.word() + "' is not known yet at this stage");
        }
        return switch (field.kind()) {
            case FLAG -> new Condition.Flag(field);
            case NETWORK -> network();
            case NUMBER -> number(field, field == Field.SCORE ? in.name() : "");
            case TEXT -> text(field, field == Field.HEADER ? header() : "");
        };
    }

    private String header() throws RuleException {
        String name = in.name();
        if (name.isEmpty()) {
            throw in.expected("the name of a header field");
        }
        return name;
    }

    private Condition network() throws RuleException {
        boolean not = in.eat("!=");
        if (!not && !in.eat("=") && !in.eatWord("in")) {
            throw in.expected("'=', '!=' or 'in'");
        }
        List<Network> networks = list("an address or a network", Values::network);
        return negated(not, new Condition.Within(networks));
    }

    private Condition text(Field field, String name) throws RuleException {
        boolean notFound = in.eat("!~");
        if (notFound || in.eat("~")) {
            int column = in.column();
            if (!in.quoteIsNext()) {
                throw in.expected("a regular expression in quotes");
            }
            String expression = in.value("a regular expression in quotes");
            return negated(notFound, new Condition.Found(field, name, Values.expression(column, expression)));
        }
        boolean not = in.eat("!=");
        if (!not && !in.eat("=") && !in.eatWord("in")) {
            throw in.expected("'=', '!=', 'in', '~' or '!~'");
        }
        return negated(not, new Condition.Like(field, name, list("a value", (column, value) -> new Glob(value))));
    }

    private Condition number(Field field, String name) throws RuleException {
        boolean not = in.eat("!=");
        Condition.Comparison comparison = not ? Condition.Comparison.EQUAL : comparison();
        int column = in.column();
        String value = in.value(field == Field.SIZE ? "a size such as 25MB" : "a number");
        double with = field == Field.SIZE ? Values.size(column, value) : Values.number(column, value);
        Condition compared = new Condition.Compared(field, name, comparison, with);
        // A number that is not known satisfies no test, not even this one.
        return not
                ? new Condition.And(List.of(
                        new Condition.Not(compared),
                        new Condition.Compared(field, name, Condition.Comparison.AT_LEAST, Double.NEGATIVE_INFINITY)))
                : compared;
    }

    private Condition.Comparison comparison() throws RuleException {
        if (in.eat("<=")) {
            return Condition.Comparison.AT_MOST;
        }
        if (in.eat("<")) {
            return Condition.Comparison.LESS;
        }
        if (in.eat(">=")) {
            return Condition.Comparison.AT_LEAST;
        }
        if (in.eat(">")) {
            return Condition.Comparison.MORE;
        }
        if (in.eat("=")) {
            return Condition.Comparison.EQUAL;
        }
        throw in.expected("'=', '!=', '<', '<=', '>' or '>='");
    }

    private static Condition negated(boolean not, Condition condition) {
        return not ? new Condition.Not(condition) : condition;
    }

    /** Reads one value of a list. */
    @FunctionalInterface
    private interface Reader<T> {
        T read(int column, String value) throws RuleException;
    }

    private <T> List<T> list(String what, Reader<T> reader) throws RuleException {
        List<T> values = new ArrayList<>();
        boolean many = in.eat("(");
        do {
            int column = in.column();
            values.add(Objects.requireNonNull(reader.read(column, in.value(what))));
        } while (many && in.eat(","));
        if (many && !in.eat(")")) {
            throw in.expected("',' or ')'");
        }
        return values;
    }
}
