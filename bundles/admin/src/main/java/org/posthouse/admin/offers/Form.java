// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.offers;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.posthouse.admin.spi.OfferException;
import org.posthouse.admin.spi.OfferException.Kind;
import org.posthouse.admin.spi.Offers.Offer;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command.Parameter;

/** Checks what was given to a command against what it takes. */
final class Form {
    private Form() {}

    static Arguments check(Offer offer, Map<String, List<String>> given) throws OfferException {
        Map<String, Parameter> known =
                offer.parameters().stream().collect(Collectors.toMap(Parameter::name, parameter -> parameter));
        for (String name : given.keySet()) {
            if (!known.containsKey(name)) {
                throw wrong(
                        offer,
                        "does not take '" + name + "'; it takes "
                                + (known.isEmpty() ? "nothing" : String.join(", ", names(offer))));
            }
        }
        Map<String, List<String>> values = new TreeMap<>();
        for (Parameter parameter : offer.parameters()) {
            List<String> value = given.get(parameter.name());
            if (value != null && !absent(parameter, value)) {
                values.put(parameter.name(), fitting(offer, parameter, value));
            } else if (parameter.required()) {
                throw wrong(offer, "needs '" + parameter.name() + "': " + parameter.help());
            }
        }
        return Arguments.of(values);
    }

    private static boolean absent(Parameter parameter, List<String> value) {
        return switch (parameter.kind()) {
            case FLAG -> false;
            case LIST -> value.isEmpty();
            case TEXT, SECRET -> parameter.required() && value.equals(List.of(""));
        };
    }

    private static List<String> fitting(Offer offer, Parameter parameter, List<String> value) throws OfferException {
        String name = "'" + parameter.name() + "'";
        switch (parameter.kind()) {
            case FLAG -> {
                if (!value.isEmpty()) {
                    throw wrong(offer, "takes no value with " + name);
                }
            }
            case TEXT, SECRET -> {
                if (value.size() != 1) {
                    throw wrong(offer, "takes one value for " + name);
                }
            }
            case LIST -> {}
        }
        return value;
    }

    /** What was given, in words for the log; secrets are left out. */
    static String words(Offer offer, Map<String, List<String>> given) {
        return offer.parameters().stream()
                .filter(parameter -> given.containsKey(parameter.name()))
                .map(parameter -> switch (parameter.kind()) {
                    case FLAG -> parameter.name();
                    case SECRET -> parameter.name() + "=(secret)";
                    case TEXT, LIST -> parameter.name() + "=" + String.join(",", given.get(parameter.name()));
                })
                .collect(Collectors.joining(" "))
                .replaceAll("\\p{Cntrl}", "?");
    }

    private static List<String> names(Offer offer) {
        return offer.parameters().stream().map(Parameter::name).toList();
    }

    private static OfferException wrong(Offer offer, String what) {
        return new OfferException(Kind.ARGUMENTS, "The command " + offer.group() + " " + offer.name() + " " + what);
    }
}
