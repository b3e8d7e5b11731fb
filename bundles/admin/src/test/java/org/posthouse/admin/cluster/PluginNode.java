// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import java.nio.charset.StandardCharsets;
import org.posthouse.telemetry.spi.Clerk;
import org.posthouse.telemetry.spi.Members;
import org.posthouse.telemetry.spi.Members.Request;
import org.posthouse.telemetry.spi.Members.Response;

/** A node with one plugin, {@code judge}, whose jars are the texts of their versions. */
final class PluginNode implements Clerk {
    /** The version it has, or empty. */
    String version;

    String previous = "";
    String state = "active";
    String withdrawn = "";

    /** For so many looks a new version is watched. */
    int watched;

    /** After so many looks it leads a rollout itself. */
    int leads = -1;

    /** Whether the watch ends badly. */
    boolean bad;

    /** A version that it does not take. */
    String refuses = "none";

    /** A verb that it refuses. */
    String refusesVerb = "none";

    PluginNode(String version) {
        this.version = version;
    }

    @Override
    public Members.Response answer(Request request, String member) {
        String path = request.path().substring("/api/v1".length());
        return switch (request.method() + " " + path) {
            case "GET /plugins/rollout" ->
                leads-- == 0 ? json("{'outcome':'running','plugin':'spf'}") : problem(404, "none");
            case "POST /plugins" -> install(request);
            case "GET /plugins/judge" -> show();
            default -> verb(request.method() + " " + path);
        };
    }

    private Response install(Request request) {
        String jar = new String(request.body(), StandardCharsets.UTF_8);
        if (request.query().containsKey("dryRun")) {
            return jar.startsWith("unsigned")
                    ? problem(409, "The file is not signed")
                    : json("{'name':'judge','version':'" + jar + "','hash':'h" + jar + "'}");
        }
        if (jar.equals(refuses)) {
            return problem(409, "The file can not serve; nothing was changed");
        }
        if (!jar.equals(version)) {
            previous = version;
            version = jar;
        } else {
            watched = 0;
        }
        return json("{'name':'judge','version':'" + jar + "','state':'" + state + "','detail':'why'}");
    }

    private Response show() {
        if (version.isEmpty()) {
            return problem(404, "There is no plugin judge");
        }
        String role = watched > 0 ? "watched" : "in force";
        if (watched > 0 && --watched == 0 && bad) {
            back();
            withdrawn = "failures 33 % of 60 answers, limit 5 %";
        }
        return json("{'name':'judge','state':'" + state + "','version':'" + version + "','hash':'h" + version
                + "','withdrawn':'" + withdrawn + "','generations':[{'role':'" + role + "'}]}");
    }

    private void back() {
        String now = version;
        version = previous;
        previous = now;
    }

    private Response verb(String verb) {
        if (verb.endsWith(refusesVerb)) {
            return problem(409, "It can not do that now");
        }
        switch (verb) {
            case "DELETE /plugins/judge" -> version = "";
            case "POST /plugins/judge/rollback" -> back();
            case "POST /plugins/judge/disable" -> state = "disabled";
            case "POST /plugins/judge/enable" -> state = "active";
            default -> throw new AssertionError(verb);
        }
        return json("{'name':'judge','version':'" + version + "'}");
    }

    private static Response json(String text) {
        return new Response(200, "application/json", text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static Response problem(int status, String detail) {
        byte[] body = ("{\"detail\":\"" + detail + "\"}").getBytes(StandardCharsets.UTF_8);
        return new Response(status, "application/problem+json", body);
    }
}
