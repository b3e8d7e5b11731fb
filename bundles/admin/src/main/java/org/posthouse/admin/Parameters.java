// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.State;

/** The parameters of a query string; an unknown, repeated or malformed one is refused rather than ignored. */
final class Parameters {
    private final Map<String, List<String>> values;

    private Parameters(Map<String, List<String>> values) {
        this.values = values;
    }

    static Parameters of(Request request, String... known) throws Problem {
        Set<String> names = Set.of(known);
        for (Map.Entry<String, List<String>> parameter : request.query().entrySet()) {
            if (!names.contains(parameter.getKey())) {
                throw Problem.badRequest("Unknown parameter '" + parameter.getKey() + "'; known here: "
                        + (known.length == 0 ? "none" : String.join(", ", known)));
            }
            if (parameter.getValue().size() > 1) {
                throw Problem.badRequest("Parameter '" + parameter.getKey() + "' is given more than once");
            }
        }
        return new Parameters(request.query());
    }

    String text(String name) {
        return values.getOrDefault(name, List.of("")).getFirst();
    }

    @Nullable
    State state(String name) throws Problem {
        String text = text(name);
        if (text.isEmpty()) {
            return null;
        }
        String wanted = text.replace('-', '_').toUpperCase(Locale.ROOT);
        for (State state : State.values()) {
            if (state.name().equals(wanted)) {
                return state;
            }
        }
        throw Problem.badRequest("Unknown state '" + text + "'; known: "
                + String.join(
                        ", ", Arrays.stream(State.values()).map(View::state).toList()));
    }

    @Nullable
    MessageId cursor(String name) throws Problem {
        String text = text(name);
        return text.isEmpty() ? null : id(text);
    }

    int number(String name, int otherwise, int least, int most) throws Problem {
        String text = text(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw Problem.badRequest("Parameter '" + name + "' is not a number: " + text);
        }
        throw Problem.badRequest("Parameter '" + name + "' must be from " + least + " to " + most);
    }

    boolean flag(String name) throws Problem {
        return switch (text(name)) {
            case "", "false" -> false;
            case "true" -> true;
            default -> throw Problem.badRequest("Parameter '" + name + "' must be true or false");
        };
    }

    static MessageId id(String text) throws Problem {
        try {
            return MessageId.parse(text);
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest("Not a message id: " + text);
        }
    }
}
