// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import org.posthouse.api.operator.Table;

/** What an action came to, kept in the session until the page that the browser is sent to has shown it once. */
final class Flash {
    private static final String ATTRIBUTE = "org.posthouse.console.flash";

    private Flash() {}

    /** Keeps a sentence. */
    static void good(HttpServletRequest request, String text) {
        keep(request, new Kept(true, Table.says(text)));
    }

    /** Keeps a sentence that says why something was not done. */
    static void bad(HttpServletRequest request, String text) {
        keep(request, new Kept(false, Table.says(text)));
    }

    /** Keeps what a command answered. */
    static void table(HttpServletRequest request, Table table) {
        keep(request, new Kept(true, table));
    }

    private static void keep(HttpServletRequest request, Kept kept) {
        request.getSession(true).setAttribute(ATTRIBUTE, kept);
    }

    /** Shows what was kept, if anything. */
    static void render(HttpServletRequest request, Html page) {
        HttpSession session = request.getSession(false);
        if (session == null || !(session.getAttribute(ATTRIBUTE) instanceof Kept kept)) {
            return;
        }
        session.removeAttribute(ATTRIBUTE);
        if (!kept.table().note().isEmpty()) {
            page.raw("<p class=\"" + (kept.good() ? "flash" : "flash refused") + "\" role=\"status\">")
                    .text(kept.table().note())
                    .raw("</p>");
        }
        Sections.table(kept.table(), page);
    }

    /** What is kept. */
    private record Kept(boolean good, Table table) {}
}
