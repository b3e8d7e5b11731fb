// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The random word of a session that every form carries. Browsers send the password along with any request, also with one
 * that another site's page makes; this word that page can not know.
 */
final class Csrf {
    static final String PARAMETER = "csrf";

    private static final String ATTRIBUTE = "org.posthouse.console.csrf";
    private static final SecureRandom RANDOM = new SecureRandom();

    private Csrf() {}

    /** The word of this session, made at the first call. */
    static String word(HttpServletRequest request) {
        HttpSession session = request.getSession(true);
        synchronized (Csrf.class) {
            if (session.getAttribute(ATTRIBUTE) instanceof String word) {
                return word;
            }
            byte[] random = new byte[32];
            RANDOM.nextBytes(random);
            String word = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
            session.setAttribute(ATTRIBUTE, word);
            return word;
        }
    }

    /** Whether the request carries the word of its session. */
    static boolean valid(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session != null && equal(session.getAttribute(ATTRIBUTE), request.getParameter(PARAMETER));
    }

    /** Whether this is the word of the session, for a form whose parts the servlet container does not read. */
    static boolean valid(HttpServletRequest request, String word) {
        HttpSession session = request.getSession(false);
        return session != null && equal(session.getAttribute(ATTRIBUTE), word);
    }

    /** The hidden field of a form. */
    static String field(HttpServletRequest request) {
        return "<input type=\"hidden\" name=\"" + PARAMETER + "\" value=\"" + Html.escape(word(request)) + "\">";
    }

    private static boolean equal(@Nullable Object expected, @Nullable String given) {
        return expected instanceof String word
                && given != null
                && MessageDigest.isEqual(word.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }
}
