// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.List;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Plugins.PluginException;

/** What can be asked of plugins and pipeline, and done to plugins. */
final class PluginEndpoints {
    private final Services services;

    PluginEndpoints(Services services) {
        this.services = services;
    }

    /** Something that is done to a plugin. */
    @FunctionalInterface
    private interface Verb {
        void apply(Plugins plugins, String name) throws PluginException;
    }

    Response list(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(new View.PluginList(services.plugins().list()));
    }

    Response pipeline(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(View.HookList.of(services.plugins().order()));
    }

    Response disable(Request request, List<String> arguments) throws Problem {
        return apply(request, arguments.getFirst(), "disabled", Plugins::disable);
    }

    Response enable(Request request, List<String> arguments) throws Problem {
        return apply(request, arguments.getFirst(), "enabled", Plugins::enable);
    }

    Response remove(Request request, List<String> arguments) throws Problem {
        return apply(request, arguments.getFirst(), "removed", Plugins::remove);
    }

    private Response apply(Request request, String name, String done, Verb verb) throws Problem {
        Parameters.of(request);
        Json.read(request, Api.Nothing.class);
        Plugins plugins = services.plugins();
        if (plugins.list().stream().noneMatch(plugin -> plugin.name().equals(name))) {
            throw Problem.notFound("There is no plugin " + name);
        }
        try {
            verb.apply(plugins, name);
        } catch (PluginException e) {
            throw Problem.conflict(String.valueOf(e.getMessage()));
        }
        return Json.ok(new View.PluginDone(name, done));
    }
}
