// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletName;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletPattern;
import org.posthouse.admin.restart.Restarts;
import org.posthouse.admin.spi.CommonConfig;
import org.posthouse.admin.spi.Offers;
import org.posthouse.admin.spi.Rollouts;
import org.posthouse.admin.spi.Uploads;
import org.posthouse.config.spi.Reload;
import org.posthouse.config.spi.SecretFile;
import org.posthouse.config.spi.Server;
import org.posthouse.config.spi.SharedFiles;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.pipeline.spi.Shadows;
import org.posthouse.pipeline.spi.Traces;
import org.posthouse.queue.spi.Drain;
import org.posthouse.queue.spi.Queue;
import org.posthouse.telemetry.spi.Clerk;
import org.posthouse.telemetry.spi.ClusterReport;
import org.posthouse.telemetry.spi.EventSink;
import org.posthouse.telemetry.spi.Members;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thin shell between HTTP, or another member of the cluster, and {@link Api}. */
@Component(
        service = {Servlet.class, Clerk.class},
        configurationPid = "http",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@HttpWhiteboardServletName("posthouse-api")
@HttpWhiteboardServletPattern("/api/*")
public final class ApiServlet extends HttpServlet implements Clerk {
    private static final long serialVersionUID = 1L;
    private static final String TOO_LARGE = "A body may have " + Api.BODY_LIMIT + " octets at most";
    private static final Logger LOG = LoggerFactory.getLogger(ApiServlet.class);

    private final transient Api api;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Queue queue;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Plugins plugins;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Reload reload;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Traces traces;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Shadows shadows;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Replays replays;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Offers offers;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Uploads uploads;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable ClusterReport cluster;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Members members;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Drain drain;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Rollouts rollouts;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable Restarts restarts;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable CommonConfig commonConfig;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable SharedFiles sharedFiles;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile @Nullable EventSink events;

    @Activate
    public ApiServlet(HttpPort.Config config, @Reference Server server) {
        SecretFile token = SecretFile.open(server.dataDir(), "api-token");
        if (token.fresh()) {
            LOG.info("A new API token is in {}", token.path());
        }
        List<String> names = new ArrayList<>(List.of(config.hosts()));
        names.add(HostPort.parse(config.address()).authority());
        names.add(server.hostname());
        Services services = new Services()
                .with(Queue.class, () -> queue)
                .with(Plugins.class, () -> plugins)
                .with(Reload.class, () -> reload)
                .with(Traces.class, () -> traces)
                .with(Shadows.class, () -> shadows)
                .with(Replays.class, () -> replays)
                .with(Offers.class, () -> offers)
                .with(Uploads.class, () -> uploads)
                .with(ClusterReport.class, () -> cluster)
                .with(Members.class, () -> members)
                .with(Drain.class, () -> drain)
                .with(Restarts.class, () -> restarts)
                .with(Rollouts.class, () -> rollouts)
                .with(CommonConfig.class, () -> commonConfig)
                .with(SharedFiles.class, () -> sharedFiles)
                .with(EventSink.class, () -> events);
        this.api = new Api(new Guard(token, names), services);
    }

    /** For tests: an API that is complete. */
    ApiServlet(Api api) {
        this.api = api;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean file = Request.is(Request.FILE, header(request, "Content-Type"));
        byte[] body = file ? new byte[0] : request.getInputStream().readNBytes(Api.BODY_LIMIT + 1);
        Response answer =
                body.length > Api.BODY_LIMIT ? Json.problem(Problem.tooLarge(TOO_LARGE)) : answer(request, body);
        if (body.length > Api.BODY_LIMIT || (file && answer.status() != 200)) {
            // The rest is not read, so the connection can not be used again.
            response.setHeader("Connection", "close");
        }
        write(response, answer);
    }

    /** The member, or the part of this server, has let in who asks. */
    @Override
    public Members.Response answer(Members.Request asked, String member) {
        boolean file = Request.is(Request.FILE, asked.contentType());
        Response answer = !file && asked.body().length > Api.BODY_LIMIT
                ? Json.problem(Problem.tooLarge(TOO_LARGE))
                : api.answer(new Request(
                        asked.method(),
                        asked.path(),
                        asked.query(),
                        "",
                        "",
                        asked.contentType(),
                        file ? new byte[0] : asked.body(),
                        new ByteArrayInputStream(asked.body()),
                        member.isEmpty() ? asked.peer() : asked.peer() + Request.AT_NODE + member));
        return new Members.Response(answer.status(), answer.contentType(), answer.body());
    }

    private Response answer(HttpServletRequest request, byte[] body) throws IOException {
        Map<String, List<String>> query;
        try {
            query = query(request.getQueryString());
        } catch (IllegalArgumentException e) {
            return Json.problem(Problem.badRequest("The query string is malformed"));
        }
        String info = request.getPathInfo();
        return api.handle(new Request(
                request.getMethod(),
                request.getServletPath() + (info == null ? "" : info),
                query,
                header(request, "Host"),
                header(request, "Authorization"),
                header(request, "Content-Type"),
                body,
                request.getInputStream(),
                request.getRemoteAddr()));
    }

    private static String header(HttpServletRequest request, String name) {
        String value = request.getHeader(name);
        return value == null ? "" : value;
    }

    // Not getParameterMap(): that would take a form body for parameters.
    private static Map<String, List<String>> query(@Nullable String text) {
        Map<String, List<String>> query = new LinkedHashMap<>();
        if (text != null) {
            for (String pair : text.split("&")) {
                if (!pair.isEmpty()) {
                    String[] halves = pair.split("=", 2);
                    query.computeIfAbsent(decode(halves[0]), name -> new ArrayList<>())
                            .add(halves.length == 1 ? "" : decode(halves[1]));
                }
            }
        }
        return query;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static void write(HttpServletResponse response, Response answer) throws IOException {
        response.setStatus(answer.status());
        response.setContentType(answer.contentType());
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        answer.headers().forEach(response::setHeader);
        response.setContentLength(answer.body().length);
        response.getOutputStream().write(answer.body());
    }
}
