// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.posthouse.admin.spi.OfferException;
import org.posthouse.admin.spi.Offers;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.Table;

/** The commands that plugins bring. */
final class CommandEndpoints {
    private static final String WHO = "api";

    private final Services services;

    CommandEndpoints(Services services) {
        this.services = services;
    }

    Response list(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(new Commands(
                services.offers().commands().stream().map(Offer::of).toList()));
    }

    Response run(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        Map<String, List<String>> given = given(Json.read(request, ObjectNode.class));
        try {
            return Json.ok(Shown.of(services.offers().run(arguments.get(0), arguments.get(1), given, WHO)));
        } catch (OfferException e) {
            throw problem(e);
        }
    }

    private static Problem problem(OfferException e) {
        String detail = String.valueOf(e.getMessage());
        return switch (e.kind()) {
            case UNKNOWN -> Problem.notFound(detail);
            case ARGUMENTS -> Problem.badRequest(detail);
            case REFUSED -> Problem.conflict(detail);
            case FAILED -> Problem.pluginFailed(detail);
            case OVERDUE -> Problem.pluginOverdue(detail);
        };
    }

    /** A text or number is one value, an array several, true a flag that is set; null and false are as if not given. */
    private static Map<String, List<String>> given(ObjectNode json) throws Problem {
        Map<String, List<String>> given = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            JsonNode value = member.getValue();
            if (value.isArray()) {
                List<String> values = new ArrayList<>();
                for (JsonNode one : value) {
                    values.add(text(member.getKey(), one));
                }
                given.put(member.getKey(), values);
            } else if (value.isBoolean()) {
                if (value.asBoolean()) {
                    given.put(member.getKey(), List.of());
                }
            } else if (!value.isNull()) {
                given.put(member.getKey(), List.of(text(member.getKey(), value)));
            }
        }
        return given;
    }

    private static String text(String name, JsonNode value) throws Problem {
        if (!value.isTextual() && !value.isNumber()) {
            throw Problem.badRequest("'" + name + "' must be a text, an array of texts, or true");
        }
        return value.asText();
    }

    /** The commands. */
    record Commands(List<Offer> commands) {}

    /** A command. */
    record Offer(String group, String name, String help, boolean changes, String plugin, List<Parameter> parameters) {
        static Offer of(Offers.Offer offer) {
            return new Offer(
                    offer.group(),
                    offer.name(),
                    offer.help(),
                    offer.changes(),
                    offer.plugin(),
                    offer.parameters().stream().map(Parameter::of).toList());
        }
    }

    /** What a command takes. */
    record Parameter(String name, String kind, boolean required, String help) {
        static Parameter of(Command.Parameter parameter) {
            return new Parameter(
                    parameter.name(),
                    parameter.kind().name().toLowerCase(Locale.ROOT),
                    parameter.required(),
                    parameter.help());
        }
    }

    /** What a command answered. */
    record Shown(String note, List<String> columns, List<List<String>> rows) {
        static Shown of(Table table) {
            return new Shown(table.note(), table.columns(), table.rows());
        }
    }
}
