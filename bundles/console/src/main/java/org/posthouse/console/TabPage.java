// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.posthouse.admin.spi.OfferException;
import org.posthouse.admin.spi.Offers;
import org.posthouse.api.operator.Command.Parameter;

/** The tab of one group of a plugin: its page, and a form for each of its commands. */
final class TabPage extends AbstractServlet {
    /** What its label begins with, so that no plugin stands in the place of a page of ours. */
    static final String PREFIX = "tab-";

    private static final long serialVersionUID = 1L;
    private static final String WHO = "console";
    private static final String ARGUMENT = "arg-";

    private final String group;
    private final transient Offers offers;

    TabPage(String group, Offers offers) {
        this.group = group;
        this.offers = offers;
    }

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Html page = new Html().raw("<div class=\"ph\">");
        Flash.render(request, page);
        try {
            Sections.render(offers.show(group), page);
        } catch (OfferException e) {
            page.raw("<p class=\"bad\">").text(String.valueOf(e.getMessage())).raw("</p>");
        }
        page.raw("<div class=\"commands\">");
        offers.commands().stream()
                .filter(offer -> offer.group().equals(group))
                .forEach(offer -> form(request, offer, page));
        response.getWriter().write(page.raw("</div></div>").toString());
    }

    private static void form(HttpServletRequest request, Offers.Offer offer, Html page) {
        page.raw("<form method=\"post\" class=\"command\" action=\"" + Html.escape(Place.root(request))
                        + "\" autocomplete=\"off\">")
                .raw(Csrf.field(request))
                .element("h3", offer.group() + " " + offer.name())
                .element("p", offer.help());
        offer.parameters().forEach(parameter -> field(parameter, page));
        page.raw("<button name=\"command\" value=\"" + Html.escape(offer.name()) + "\">")
                .text(offer.name())
                .raw("</button></form>");
    }

    private static void field(Parameter parameter, Html page) {
        String name = " name=\"" + Html.escape(ARGUMENT + parameter.name()) + "\"";
        String required = parameter.required() ? " required" : "";
        page.raw("<label><span>").text(parameter.name()).raw(parameter.required() ? " *</span>" : "</span>");
        switch (parameter.kind()) {
            case TEXT -> page.raw("<input" + name + required + ">");
            case SECRET -> page.raw("<input type=\"password\" autocomplete=\"new-password\"" + name + required + ">");
            case LIST ->
                page.raw("<textarea rows=\"3\"" + name + required + " placeholder=\"one per line\"></textarea>");
            case FLAG -> page.raw("<input type=\"checkbox\"" + name + ">");
        }
        page.raw(" <span class=\"note\">").text(parameter.help()).raw("</span></label>");
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!Csrf.valid(request)) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "The form is too old: open the page again");
            return;
        }
        String name = Place.parameter(request, "command");
        try {
            Flash.table(request, offers.run(group, name, given(request, name), WHO));
        } catch (OfferException e) {
            Flash.bad(request, String.valueOf(e.getMessage()));
        }
        response.sendRedirect(Place.root(request));
    }

    /** What was filled in; a form sends empty fields too, which are as if not given. */
    private Map<String, List<String>> given(HttpServletRequest request, String name) {
        Map<String, List<String>> given = new LinkedHashMap<>();
        offers.commands().stream()
                .filter(offer -> offer.group().equals(group) && offer.name().equals(name))
                .flatMap(offer -> offer.parameters().stream())
                .forEach(parameter -> {
                    String value = request.getParameter(ARGUMENT + parameter.name());
                    if (value != null && !value.isBlank()) {
                        given.put(parameter.name(), values(parameter, value));
                    }
                });
        return given;
    }

    private static List<String> values(Parameter parameter, String value) {
        return switch (parameter.kind()) {
            case TEXT -> List.of(value.strip());
            // A blank at its end may be meant.
            case SECRET -> List.of(value);
            case LIST ->
                value.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
            case FLAG -> List.of();
        };
    }
}
