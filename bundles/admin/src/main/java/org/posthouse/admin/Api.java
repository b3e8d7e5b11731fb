// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.posthouse.admin.Endpoints.Endpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The REST API: a request becomes a response, and nothing it is asked can make it throw. */
final class Api {
    /** More than any body of this API needs. */
    static final int BODY_LIMIT = 64 * 1024;

    static final String ROOT = "/api/v1";

    private static final Logger LOG = LoggerFactory.getLogger(Api.class);

    private final Guard guard;
    private final Endpoints endpoints;

    Api(Guard guard, Services services) {
        this.guard = guard;
        QueueEndpoints queue = new QueueEndpoints(services);
        PluginEndpoints plugins = new PluginEndpoints(services);
        this.endpoints = new Endpoints()
                .on("GET", ROOT + "/openapi.json", Api::openApi)
                .on("GET", ROOT + "/queue", queue::list)
                .on("GET", ROOT + "/queue/counts", queue::counts)
                .on("GET", ROOT + "/queue/sites", queue::sites)
                .on("GET", ROOT + "/queue/{id}", queue::show)
                .on("DELETE", ROOT + "/queue/{id}", audited(queue::delete))
                .on("POST", ROOT + "/queue/{id}/hold", audited(queue::hold))
                .on("POST", ROOT + "/queue/{id}/release", audited(queue::release))
                .on("POST", ROOT + "/queue/{id}/retry", audited(queue::retry))
                .on("GET", ROOT + "/plugins", plugins::list)
                .on("DELETE", ROOT + "/plugins/{name}", audited(plugins::remove))
                .on("POST", ROOT + "/plugins/{name}/disable", audited(plugins::disable))
                .on("POST", ROOT + "/plugins/{name}/enable", audited(plugins::enable))
                .on("GET", ROOT + "/pipeline", plugins::pipeline)
                .on("POST", ROOT + "/config/reload", audited((request, arguments) -> reload(services, request)));
    }

    Response handle(Request request) {
        try {
            guard.check(request);
            return endpoints.answer(request);
        } catch (Problem problem) {
            return Json.problem(problem);
        } catch (RuntimeException e) {
            LOG.error("API: {} {} failed", request.method(), request.path(), e);
            return Json.problem(Problem.internal());
        }
    }

    private static Endpoint audited(Endpoint endpoint) {
        return (request, arguments) -> {
            Response response = endpoint.answer(request, arguments);
            LOG.info("API: {} {} by {}", request.method(), request.path(), request.peer());
            return response;
        };
    }

    private static Response reload(Services services, Request request) throws Problem {
        Parameters.of(request);
        Json.read(request, Nothing.class);
        List<String> findings = services.reload().reload();
        if (!findings.isEmpty()) {
            throw Problem.refused("The configuration was not applied; the old one stays", findings);
        }
        return Json.ok(new View.Reloaded(true));
    }

    private static Response openApi(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        try (InputStream document = Api.class.getResourceAsStream("openapi.json")) {
            if (document == null) {
                throw new IllegalStateException("openapi.json is not in the bundle");
            }
            return new Response(200, Json.TYPE, Map.of(), document.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException("openapi.json can not be read", e);
        }
    }

    /** The body of a request that has none. */
    record Nothing() {}
}
