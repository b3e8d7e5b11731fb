// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.spi.SecretFile;

/**
 * Decides who and what passes: the one user with the generated password, the pages that show, and of those only our own
 * when something is to be changed. So none of Felix's pages can install a bundle or edit a configuration, whatever is
 * deployed beside us.
 */
final class Doorman {
    static final String USER = "admin";

    private static final String COMPONENTS = "components";

    /**
     * Felix's pages that only show, its static files, and the way out; everything that is not listed is off: what installs
     * or edits, and what prints configurations or properties, for secrets stand among them.
     */
    private static final Set<String> READABLE = Set.of(
            "",
            "res",
            "logout",
            ClusterPage.LABEL,
            "services",
            "licenses",
            COMPONENTS,
            "events",
            "memoryusage",
            "status-Bundlelist",
            "status-Capabilities",
            "status-Services",
            "status-Threads");

    private static final Set<String> OURS =
            Set.of(QueuePage.LABEL, PipelinePage.LABEL, PluginsPage.LABEL, TracePage.LABEL, ShadowPage.LABEL);
    private static final Set<String> READING = Set.of("GET", "HEAD");

    private final SecretFile password;

    Doorman(SecretFile password) {
        this.password = password;
    }

    /** What happens to a request. */
    enum Answer {
        PASS,
        UNKNOWN_USER,
        NO_SUCH_PAGE,
        READ_ONLY
    }

    Answer ask(HttpServletRequest request) {
        if (!known(request.getHeader("Authorization"))) {
            return Answer.UNKNOWN_USER;
        }
        String page = page(request.getPathInfo());
        if (OURS.contains(page) || page.startsWith(TabPage.PREFIX)) {
            return Answer.PASS;
        }
        if (!READABLE.contains(page) || showsProperties(page, request.getPathInfo())) {
            return Answer.NO_SUCH_PAGE;
        }
        return READING.contains(request.getMethod()) ? Answer.PASS : Answer.READ_ONLY;
    }

    /** The first segment of the decoded path; the console takes {@code bundles.json} for {@code bundles}, so do we. */
    static String page(@Nullable String path) {
        if (path == null || path.isEmpty()) {
            return "";
        }
        String segment = path.substring(1).split("/", 2)[0];
        return segment.split("\\.", 2)[0];
    }

    /** The page of one component, other than the list of all, prints its configuration. */
    private static boolean showsProperties(String page, @Nullable String path) {
        return page.equals(COMPONENTS) && path != null && path.matches("/[^/]*/(?!res/).+");
    }

    private boolean known(@Nullable String authorization) {
        // RFC 7617 2: Basic, base64 of user, colon, password.
        if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return false;
        }
        try {
            byte[] decoded =
                    Base64.getDecoder().decode(authorization.substring(6).strip());
            String credentials = new String(decoded, StandardCharsets.UTF_8);
            return credentials.startsWith(USER + ":") && password.matches(credentials.substring(USER.length() + 1));
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }
}
