// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.felix.webconsole.spi.SecurityProvider;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.config.spi.SecretFile;
import org.posthouse.config.spi.Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The security provider of the web console, which waits for it (framework property
 * {@code felix.webconsole.security.providers}) and so is never reachable with Felix's default password.
 */
@Component(
        service = SecurityProvider.class,
        immediate = true,
        property = {SecurityProvider.PROPERTY_ID + "=posthouse", "service.ranking:Integer=1000000"})
public final class ConsoleGate implements SecurityProvider {
    /** Set by the start script when the standard error stream is a terminal. */
    private static final String TERMINAL = "posthouse.terminal";

    private static final Logger LOG = LoggerFactory.getLogger(ConsoleGate.class);

    private final Doorman doorman;

    @Activate
    public ConsoleGate(BundleContext context, @Reference Server server, @Reference FelixConsole prepared) {
        SecretFile password = SecretFile.open(server.dataDir(), "console-password");
        if (password.fresh()) {
            LOG.info("A new password for user {} of the console is in {}", Doorman.USER, password.path());
            if (Boolean.parseBoolean(context.getProperty(TERMINAL))) {
                show(password);
            }
        }
        this.doorman = new Doorman(password);
    }

    @SuppressWarnings("SystemOut") // To the person in front of the terminal, past every log.
    private static void show(SecretFile password) {
        System.err.println("posthouse: console user " + Doorman.USER + ", password " + password.value() + " (kept in "
                + password.path() + ")");
    }

    @Override
    public @Nullable Object authenticate(HttpServletRequest request, HttpServletResponse response) {
        // Buttons must not be clickable from inside someone else's page.
        response.setHeader("X-Frame-Options", "DENY");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "same-origin");
        return switch (doorman.ask(request)) {
            case PASS -> Doorman.USER;
            case UNKNOWN_USER -> {
                if (request.getHeader("Authorization") != null) {
                    LOG.warn("Console: wrong user or password from {}", request.getRemoteAddr());
                }
                challenge(response);
                yield null;
            }
            case NO_SUCH_PAGE -> refuse(response, HttpServletResponse.SC_NOT_FOUND);
            case READ_ONLY -> refuse(response, HttpServletResponse.SC_FORBIDDEN);
        };
    }

    @Override
    public boolean authorize(Object user, String role) {
        return Doorman.USER.equals(user);
    }

    @Override
    public void logout(HttpServletRequest request, HttpServletResponse response) {
        if (request.getSession(false) != null) {
            request.getSession(false).invalidate();
        }
        // With basic authentication a browser forgets the password only when it is refused.
        challenge(response);
    }

    private static void challenge(HttpServletResponse response) {
        response.setHeader("WWW-Authenticate", "Basic realm=\"Posthouse\", charset=\"UTF-8\"");
        refuse(response, HttpServletResponse.SC_UNAUTHORIZED);
    }

    private static @Nullable Object refuse(HttpServletResponse response, int status) {
        try {
            response.setStatus(status);
            response.setContentLength(0);
            // The body of a refused request stays unread, so the connection can not be used again.
            response.setHeader("Connection", "close");
            response.flushBuffer();
            return null;
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
