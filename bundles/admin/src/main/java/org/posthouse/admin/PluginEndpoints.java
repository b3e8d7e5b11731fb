// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.nio.file.Path;
import java.util.List;
import org.posthouse.admin.spi.Rollouts;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Plugins.PluginException;

/** What can be asked of plugins and pipeline, and done to plugins. */
final class PluginEndpoints {
    private final Services services;
    private final UploadEndpoints uploads;
    private final RolloutEndpoints rollouts;

    PluginEndpoints(Services services, UploadEndpoints uploads, RolloutEndpoints rollouts) {
        this.services = services;
        this.uploads = uploads;
        this.rollouts = rollouts;
    }

    /** Something that is asked of, or done to, plugins. */
    @FunctionalInterface
    private interface Question<T> {
        T ask(Plugins plugins) throws PluginException;
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

    Response show(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        String name = known(arguments);
        Plugins.Profile profile = ask(plugins -> plugins.show(name));
        String withdrawn = ask(plugins -> plugins.withdrawn(name));
        return Json.ok(PluginView.Known.of(plugin(name), PluginView.Profile.of(profile), withdrawn));
    }

    /** The jar is the body, or an upload, so that what is installed is what was looked at before. */
    Response install(Request request, List<String> arguments) throws Problem {
        Parameters query = Parameters.of(request, "dryRun", "upload", "scope", "first", "skipMissing");
        boolean dryRun = query.flag("dryRun");
        boolean everywhere = RolloutEndpoints.everywhere(query);
        boolean skipMissing = query.flag("skipMissing");
        String first = query.text("first");
        if (!everywhere && (skipMissing || !first.isEmpty())) {
            throw Problem.badRequest("Parameters 'first' and 'skipMissing' need scope=cluster");
        }
        String named = query.text("upload");
        if (!named.isEmpty()) {
            Json.read(request, Api.Nothing.class);
        }
        String upload = named.isEmpty() ? uploads.take(request).id() : named;
        boolean kept = dryRun && !named.isEmpty();
        try {
            Path jar = uploads.file(upload);
            if (everywhere && !dryRun) {
                return rollouts.begin(all -> all.install(jar, first, skipMissing, request.peer()));
            }
            return dryRun
                    ? Json.ok(PluginView.Profile.of(askOf(jar, plugins -> plugins.inspect(jar))))
                    : Json.ok(askOf(jar, plugins -> plugins.install(jar)));
        } finally {
            if (!kept) {
                uploads.forget(upload);
            }
        }
    }

    Response rollback(Request request, List<String> arguments) throws Problem {
        Parameters query = Parameters.of(request, "scope");
        Json.read(request, Api.Nothing.class);
        if (RolloutEndpoints.everywhere(query)) {
            return everywhere(Rollouts.Verb.ROLLBACK, request, arguments);
        }
        String name = known(arguments);
        return Json.ok(ask(plugins -> plugins.rollback(name)));
    }

    Response disable(Request request, List<String> arguments) throws Problem {
        return apply(request, arguments, "disabled", Plugins::disable, Rollouts.Verb.DISABLE);
    }

    Response enable(Request request, List<String> arguments) throws Problem {
        return apply(request, arguments, "enabled", Plugins::enable, Rollouts.Verb.ENABLE);
    }

    Response remove(Request request, List<String> arguments) throws Problem {
        return apply(request, arguments, "removed", Plugins::remove, Rollouts.Verb.REMOVE);
    }

    private Response apply(Request request, List<String> arguments, String done, Verb verb, Rollouts.Verb everywhere)
            throws Problem {
        Parameters query = Parameters.of(request, "scope");
        Json.read(request, Api.Nothing.class);
        if (RolloutEndpoints.everywhere(query)) {
            return everywhere(everywhere, request, arguments);
        }
        String name = known(arguments);
        ask(plugins -> {
            verb.apply(plugins, name);
            return name;
        });
        return Json.ok(new View.Done(name, done));
    }

    private Response everywhere(Rollouts.Verb verb, Request request, List<String> arguments) throws Problem {
        return rollouts.begin(all -> all.everywhere(verb, arguments.getFirst(), request.peer()));
    }

    private String known(List<String> arguments) throws Problem {
        return plugin(arguments.getFirst()).name();
    }

    private Plugins.Plugin plugin(String name) throws Problem {
        return services.plugins().list().stream()
                .filter(plugin -> plugin.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.notFound("There is no plugin " + name));
    }

    /** The name of an upload means nothing to who sent the file. */
    private <T> T askOf(Path upload, Question<T> question) throws Problem {
        try {
            return question.ask(services.plugins());
        } catch (PluginException e) {
            throw Problem.conflict(
                    String.valueOf(e.getMessage()).replace(String.valueOf(upload.getFileName()), "The file"));
        }
    }

    private <T> T ask(Question<T> question) throws Problem {
        try {
            return question.ask(services.plugins());
        } catch (PluginException e) {
            throw Problem.conflict(String.valueOf(e.getMessage()));
        }
    }
}
