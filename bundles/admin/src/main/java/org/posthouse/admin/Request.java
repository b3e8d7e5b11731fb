// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.posthouse.telemetry.spi.Clerk;

/**
 * A request as the API sees it, free of any servlet.
 *
 * @param method GET, POST …
 * @param path the decoded path from {@code /api} on
 * @param query the parameters of the query string
 * @param host the Host header, or empty
 * @param authorization the Authorization header, or empty
 * @param contentType the Content-Type header, or empty
 * @param body the body, read within its limit; empty when it is a file
 * @param file the body when it is {@link #FILE}, not read yet
 * @param peer the address of the client, or the part of this server that asks, and of a member its node; for the log
 */
record Request(
        String method,
        String path,
        Map<String, List<String>> query,
        String host,
        String authorization,
        String contentType,
        byte[] body,
        InputStream file,
        String peer) {
    /** The type of a body that is streamed. */
    static final String FILE = "application/octet-stream";

    /** Stands between who asks and the member at which he does. */
    static final String AT_NODE = " at node ";

    /** Who asks, for events: {@code console} or {@code api}. */
    String who() {
        return peer.equals(Clerk.CONSOLE) || peer.startsWith(Clerk.CONSOLE + AT_NODE) ? Clerk.CONSOLE : "api";
    }

    /** Whether a type, with or without parameters, is this one. */
    static boolean is(String type, String contentType) {
        return contentType.split(";", 2)[0].strip().equalsIgnoreCase(type);
    }
}
