// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.apache.felix.webconsole.servlet.ServletConstants;

/** Where a page of ours stands in the console, and what lies below it. */
final class Place {
    private Place() {}

    /** The address of the page that is asked. */
    static String root(HttpServletRequest request) {
        return String.valueOf(request.getAttribute(ServletConstants.ATTR_PLUGIN_ROOT));
    }

    /** The address of another page of ours. */
    static String of(HttpServletRequest request, String label) {
        String root = root(request);
        return root.substring(0, root.lastIndexOf('/') + 1) + label;
    }

    /** The path behind {@code /label}. */
    static String rest(HttpServletRequest request, String label) {
        String path = request.getPathInfo();
        String own = "/" + label;
        return path != null && path.startsWith(own) ? path.substring(own.length()) : "";
    }

    /** A parameter, or empty. */
    static String parameter(HttpServletRequest request, String name) {
        String value = request.getParameter(name);
        return value == null ? "" : value.strip();
    }

    /** A word as one segment of a path or one value of a query. */
    static String word(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
