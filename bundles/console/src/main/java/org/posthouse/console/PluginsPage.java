// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.posthouse.admin.spi.Uploads;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Plugins.PluginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tab "Plugins": what is installed, in which generations, and a jar that is looked at before it is installed. */
@Component(
        service = Servlet.class,
        property = {
            ServletConstants.PLUGIN_LABEL + "=" + PluginsPage.LABEL,
            ServletConstants.PLUGIN_TITLE + "=Plugins",
            ServletConstants.PLUGIN_CATEGORY + "=Posthouse",
            ServletConstants.PLUGIN_CSS_REFERENCES + "=/" + QueuePage.LABEL + "/res/posthouse.css"
        })
public final class PluginsPage extends AbstractServlet {
    /** Its place below {@code /system/console/}. */
    static final String LABEL = "plugins";

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(PluginsPage.class);

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Plugins plugins;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Uploads uploads;

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Html page = new Html().raw("<div class=\"ph\" data-root=\"" + Html.escape(Place.root(request)) + "\">");
        Flash.render(request, page);
        Plugins present = plugins;
        Uploads files = uploads;
        if (present == null || files == null) {
            page.element("p", "The pipeline is not running (yet).");
        } else {
            render(request, present, files, page);
        }
        String script = Place.of(request, QueuePage.LABEL) + Assets.PREFIX + "posthouse.js";
        page.raw("<script src=\"" + Html.escape(script) + "\"></script></div>");
        response.getWriter().write(page.toString());
    }

    private static void render(HttpServletRequest request, Plugins plugins, Uploads uploads, Html page) {
        String rest = Place.rest(request, LABEL);
        String upload = Place.parameter(request, "upload");
        if (!upload.isEmpty()) {
            preview(request, plugins, uploads.file(upload), upload, page);
        } else if (rest.length() > 1) {
            one(request, plugins, rest.substring(1), page);
        } else {
            new PluginList(request, plugins).render(page);
        }
    }

    private static void one(HttpServletRequest request, Plugins plugins, String name, Html page) {
        back(request, page);
        Optional<Plugins.Plugin> plugin = plugins.list().stream()
                .filter(known -> known.name().equals(name))
                .findFirst();
        if (plugin.isEmpty()) {
            page.element("p", "There is no such plugin.");
            return;
        }
        page.raw("<h3>").text(name + " ");
        page.badge(plugin.get().state(), plugin.get().state()).raw("</h3>");
        if (!plugin.get().detail().isEmpty()) {
            page.element("p", plugin.get().detail());
        }
        PluginList.buttons(request, plugin.get(), plugins.hasPrevious(name), page);
        try {
            PluginProfile.render(plugins.show(name), page);
        } catch (PluginException e) {
            page.element("p", "Nothing more is known of it: " + e.getMessage());
        }
    }

    private static void preview(
            HttpServletRequest request, Plugins plugins, Optional<Path> jar, String upload, Html page) {
        back(request, page);
        if (jar.isEmpty()) {
            page.element("p", "This file was dropped: send it again.");
            return;
        }
        try {
            Plugins.Profile profile = plugins.inspect(jar.get());
            page.element("h3", "Not installed yet: " + profile.name() + " " + profile.version());
            PluginProfile.render(profile, page);
            form(request, upload, true, page);
        } catch (PluginException e) {
            page.raw("<p class=\"bad\">")
                    .text("This can not be installed: " + e.getMessage())
                    .raw("</p>");
            form(request, upload, false, page);
        }
    }

    private static void form(HttpServletRequest request, String upload, boolean good, Html page) {
        page.raw("<form method=\"post\" class=\"actions\" action=\"" + Html.escape(Place.root(request)) + "\">")
                .raw(Csrf.field(request))
                .raw("<input type=\"hidden\" name=\"upload\" value=\"" + Html.escape(upload) + "\">")
                .raw("<p class=\"buttons\">")
                .raw(good ? "<button name=\"verb\" value=\"INSTALL\" class=\"primary\">Install</button> " : "")
                .raw("<button name=\"verb\" value=\"DROP\">Drop it</button></p></form>");
    }

    private static void back(HttpServletRequest request, Html page) {
        page.raw("<p><a href=\"" + Html.escape(Place.root(request)) + "\">← Plugins</a></p>");
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Plugins present = plugins;
        Uploads files = uploads;
        if (present == null || files == null) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        } else if (UploadedForm.is(request)) {
            take(request, response, files);
        } else if (!Csrf.valid(request)) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "The form is too old: open the page again");
        } else {
            act(request, present, files);
            response.sendRedirect(Place.root(request));
        }
    }

    private static void take(HttpServletRequest request, HttpServletResponse response, Uploads uploads)
            throws IOException {
        UploadedForm.Taken taken = UploadedForm.take(request, uploads);
        if (!taken.trusted()) {
            // The file stays unread, so the connection can not be used again.
            response.setHeader("Connection", "close");
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "The form is too old: open the page again");
            return;
        }
        if (taken.upload().isEmpty()) {
            Flash.bad(request, taken.refusal());
        }
        String query = taken.upload().isEmpty() ? "" : "?upload=" + Place.word(taken.upload());
        response.sendRedirect(Place.root(request) + query);
    }

    private static void act(HttpServletRequest request, Plugins plugins, Uploads uploads) {
        String verb = Place.parameter(request, "verb");
        String name = Place.parameter(request, "name");
        String upload = Place.parameter(request, "upload");
        try {
            String done = done(verb, name, upload, plugins, uploads);
            LOG.info("Console: {} ({})", Words.line(done), verb);
            Flash.good(request, done);
        } catch (PluginException e) {
            LOG.info("Console: {} was refused: {}", Words.line(verb + " " + name), e.getMessage());
            Flash.bad(request, "Not done: " + e.getMessage());
        }
    }

    private static String done(String verb, String name, String upload, Plugins plugins, Uploads uploads)
            throws PluginException {
        return switch (verb) {
            case "ENABLE" -> {
                plugins.enable(name);
                yield name + " is enabled.";
            }
            case "DISABLE" -> {
                plugins.disable(name);
                yield name + " is disabled.";
            }
            case "REMOVE" -> {
                plugins.remove(name);
                yield name + " is removed.";
            }
            case "ROLLBACK" ->
                name + " is rolled back to version " + plugins.rollback(name).version() + ".";
            case "INSTALL" -> install(upload, plugins, uploads);
            case "DROP" -> {
                uploads.drop(upload);
                yield "The file is dropped.";
            }
            default -> throw new PluginException("there is no such button");
        };
    }

    private static String install(String upload, Plugins plugins, Uploads uploads) throws PluginException {
        Path jar = uploads.file(upload)
                .orElseThrow(() -> new PluginException("the file was dropped meanwhile, send it again"));
        try {
            Plugins.Plugin plugin = plugins.install(jar);
            return plugin.name() + " " + plugin.version() + " is installed and " + plugin.state() + "."
                    + (plugin.detail().isEmpty() ? "" : " " + plugin.detail());
        } finally {
            uploads.drop(upload);
        }
    }
}
