// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/** Why a request was not answered as asked; becomes an {@code application/problem+json} (RFC 9457). */
final class Problem extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String title;
    private final transient Map<String, String> headers;
    private final transient List<String> findings;

    private Problem(int status, String title, String detail, Map<String, String> headers, List<String> findings) {
        super(detail, null, false, false);
        this.status = status;
        this.title = title;
        this.headers = headers;
        this.findings = findings;
    }

    private Problem(int status, String title, String detail) {
        this(status, title, detail, Map.of(), List.of());
    }

    static Problem badRequest(String detail) {
        return new Problem(400, "Bad request", detail);
    }

    // RFC 9110 15.5.2: a 401 must carry a challenge.
    static Problem unauthorized() {
        return new Problem(
                401,
                "Unauthorized",
                "Send the API token as 'Authorization: Bearer …'",
                Map.of("WWW-Authenticate", "Bearer realm=\"posthouse\""),
                List.of());
    }

    static Problem notFound(String detail) {
        return new Problem(404, "Not found", detail);
    }

    // RFC 9110 15.5.6: a 405 must list what is allowed.
    static Problem methodNotAllowed(String allowed) {
        return new Problem(405, "Method not allowed", "Allowed here: " + allowed, Map.of("Allow", allowed), List.of());
    }

    static Problem conflict(String detail) {
        return new Problem(409, "Conflict", detail);
    }

    static Problem conflict(String detail, List<String> findings) {
        return new Problem(409, "Conflict", detail, Map.of(), List.copyOf(findings));
    }

    static Problem tooLarge(String detail) {
        return new Problem(413, "Content too large", detail);
    }

    static Problem unsupportedType() {
        return new Problem(415, "Unsupported media type", "A body must be application/json");
    }

    static Problem notAFile() {
        return new Problem(415, "Unsupported media type", "A file must be sent as application/octet-stream");
    }

    // RFC 9110 15.5.20: this server does not answer for that authority.
    static Problem misdirected() {
        return new Problem(421, "Misdirected request", "The Host header names no name of this server");
    }

    static Problem refused(String detail, List<String> findings) {
        return new Problem(422, "Refused", detail, Map.of(), List.copyOf(findings));
    }

    static Problem internal() {
        return new Problem(500, "Internal error", "The log of the server says more");
    }

    /** A plugin, not the server itself, failed. */
    static Problem pluginFailed(String detail) {
        return new Problem(502, "Plugin failed", detail);
    }

    static Problem pluginOverdue(String detail) {
        return new Problem(504, "Plugin overdue", detail);
    }

    static Problem unavailable(String detail) {
        return new Problem(503, "Service unavailable", detail, Map.of("Retry-After", "5"), List.of());
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** The members of the problem document. */
    Document document() {
        return new Document("about:blank", title, status, String.valueOf(getMessage()), findings);
    }

    /** RFC 9457 3.1, and the findings that refused a configuration. */
    record Document(
            String type,
            String title,
            int status,
            String detail,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> findings) {}
}
