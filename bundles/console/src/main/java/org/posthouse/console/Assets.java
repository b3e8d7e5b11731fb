// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** The static files of our pages, served from the bundle: nothing is loaded from elsewhere. */
final class Assets {
    static final String PREFIX = "/res/";

    private static final Map<String, String> TYPES = Map.of(
            "console.css", "text/css; charset=UTF-8",
            "posthouse.css", "text/css; charset=UTF-8",
            "posthouse.js", "text/javascript; charset=UTF-8",
            "posthouse.svg", "image/svg+xml");

    private Assets() {}

    /** Sends a file; 404 when there is none of that name. */
    static void send(String name, HttpServletResponse response) throws IOException {
        String type = TYPES.get(name);
        if (type == null) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND);
            return;
        }
        try (InputStream file = Assets.class.getResourceAsStream(PREFIX + name)) {
            if (file == null) {
                throw new IOException(name + " is not in the bundle");
            }
            byte[] octets = file.readAllBytes();
            response.setStatus(HttpServletResponse.SC_OK);
            response.setContentType(type);
            response.setHeader("Cache-Control", "private, max-age=300");
            response.setContentLength(octets.length);
            response.getOutputStream().write(octets);
        }
    }
}
