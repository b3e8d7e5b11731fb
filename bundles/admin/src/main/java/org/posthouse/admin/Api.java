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
        UploadEndpoints uploads = new UploadEndpoints(services);
        RolloutEndpoints rollouts = new RolloutEndpoints(services);
        PluginEndpoints plugins = new PluginEndpoints(services, uploads, rollouts);
        CommonConfigEndpoints common = new CommonConfigEndpoints(services);
        TraceEndpoints traces = new TraceEndpoints(services);
        ShadowEndpoints shadows = new ShadowEndpoints(services);
        ReplayEndpoints replays = new ReplayEndpoints(services, uploads);
        CommandEndpoints commands = new CommandEndpoints(services);
        RestEndpoints rest = new RestEndpoints(services);
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
                .on("POST", ROOT + "/uploads", uploads::take)
                .on("DELETE", ROOT + "/uploads/{id}", uploads::drop)
                .on("GET", ROOT + "/plugins", plugins::list)
                .on("POST", ROOT + "/plugins", audited(plugins::install))
                .on("GET", ROOT + "/plugins/rollout", rollouts::show)
                .on("GET", ROOT + "/plugins/{name}", plugins::show)
                .on("DELETE", ROOT + "/plugins/{name}", audited(plugins::remove))
                .on("POST", ROOT + "/plugins/{name}/disable", audited(plugins::disable))
                .on("POST", ROOT + "/plugins/{name}/enable", audited(plugins::enable))
                .on("POST", ROOT + "/plugins/{name}/rollback", audited(plugins::rollback))
                .on("GET", ROOT + "/cluster", (request, arguments) -> cluster(services, request))
                .on("GET", ROOT + "/cluster/drain", rest::drain)
                .on("POST", ROOT + "/cluster/drain", audited(rest::beginDrain))
                .on("DELETE", ROOT + "/cluster/drain", audited(rest::endDrain))
                .on("GET", ROOT + "/cluster/restart", rest::restarts)
                .on("POST", ROOT + "/cluster/restart", audited(rest::restart))
                .on("GET", ROOT + "/cluster/config", common::show)
                .on("POST", ROOT + "/cluster/config", audited(common::apply))
                .on("POST", ROOT + "/cluster/config/{id}/prepare", audited(common::prepare))
                .on("POST", ROOT + "/cluster/config/{id}/apply", audited(common::carryOut))
                .on("POST", ROOT + "/cluster/config/{id}/keep", audited(common::keep))
                .on("POST", ROOT + "/cluster/config/{id}/back", audited(common::takeBack))
                .on("GET", ROOT + "/pipeline", plugins::pipeline)
                .on("GET", ROOT + "/traces", traces::recent)
                .on("GET", ROOT + "/traces/stored", traces::stored)
                .on("GET", ROOT + "/traces/watches", traces::watches)
                .on("POST", ROOT + "/traces/watches", audited(traces::watch))
                .on("DELETE", ROOT + "/traces/watches/{id}", audited(traces::unwatch))
                .on("GET", ROOT + "/traces/{id}", traces::show)
                .on("GET", ROOT + "/shadow", shadows::reports)
                .on("DELETE", ROOT + "/shadow/{hook}", audited(shadows::reset))
                .on("POST", ROOT + "/replay", audited(replays::run))
                .on("GET", ROOT + "/recordings", replays::recording)
                .on("POST", ROOT + "/recordings", audited(replays::record))
                .on("DELETE", ROOT + "/recordings", audited(replays::stop))
                .on("GET", ROOT + "/commands", commands::list)
                .on("POST", ROOT + "/commands/{group}/{name}", commands::run)
                .on("POST", ROOT + "/config/reload", audited((request, arguments) -> reload(services, request)));
    }

    Response handle(Request request) {
        try {
            guard.check(request);
        } catch (Problem problem) {
            return Json.problem(problem);
        }
        return answer(request);
    }

    /** Answers somebody who was let in elsewhere. */
    Response answer(Request request) {
        try {
            return endpoints.answer(request);
        } catch (Problem problem) {
            return Json.problem(problem);
        } catch (RuntimeException e) {
            LOG.error("API: {} {} failed", request.method(), request.path(), e);
            return Json.problem(Problem.internal());
        }
    }

    /** Every method and path, for the test of the document. */
    List<String> operations() {
        return endpoints.operations();
    }

    private static Endpoint audited(Endpoint endpoint) {
        return (request, arguments) -> {
            Response response = endpoint.answer(request, arguments);
            if (response.status() == 200) {
                LOG.info("API: {} {} by {}", request.method(), request.path(), request.peer());
            }
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

    private static Response cluster(Services services, Request request) throws Problem {
        Parameters.of(request);
        return Json.ok(ClusterView.of(services.cluster().report()));
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
