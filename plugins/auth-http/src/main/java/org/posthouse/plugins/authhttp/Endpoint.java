// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authhttp;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.api.hook.Authenticator.Credentials.Password;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The endpoint: asked by so many at once, left alone for a while when it gives no answer, and then asked by one alone. */
final class Endpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);
    private static final int NAME_LIMIT = 255;

    private final URI url;
    private final String header;
    private final Duration timeout;
    private final long pauseNanos;
    private final Semaphore places;
    private final HttpClient client;
    private final Trouble trouble = new Trouble();

    private Endpoint(URI url, String header, Duration timeout, Duration pause, int concurrency) {
        this.url = url;
        this.header = header;
        this.timeout = timeout;
        this.pauseNanos = pause.toNanos();
        this.places = new Semaphore(concurrency);
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                // A redirect could carry the password to anywhere.
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    static Endpoint of(AuthHttp.Config config) {
        URI url = URI.create(config.url());
        boolean secure = "https".equals(url.getScheme());
        if (url.getHost() == null || (!secure && !("http".equals(url.getScheme()) && isHere(url.getHost())))) {
            throw new IllegalArgumentException("url must be https, or http on this machine: passwords go there");
        }
        Duration timeout = Duration.ofMillis(config.timeout());
        return new Endpoint(url, config.header(), timeout, Duration.ofMillis(config.pause()), config.concurrency());
    }

    private static boolean isHere(String host) {
        try {
            return host.equals("localhost")
                    || (host.matches("[0-9.]+|\\[[0-9a-fA-F:.]+\\]")
                            && InetAddress.getByName(host).isLoopbackAddress());
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** What the endpoint says; within the timeout, whatever it does. */
    Answer ask(Password password) {
        if (password.user().indexOf(':') >= 0) {
            // RFC 7617 2: Basic can not say such a name.
            return new Answer.Denied("a colon in the user name");
        }
        if (!trouble.mayAsk()) {
            return new Answer.Unavailable("the endpoint gave no answer a moment ago");
        }
        Answer answer = new Answer.Unavailable("too many ask the endpoint at once");
        boolean asked = false;
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            if (places.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                asked = true;
                answer = exchange(password, Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer.Unavailable("interrupted");
        } finally {
            if (asked) {
                places.release();
                trouble.asked(!(answer instanceof Answer.Unavailable));
            } else {
                trouble.gaveUp();
            }
        }
    }

    private Answer exchange(Password password, Duration left) throws InterruptedException {
        String basic = Base64.getEncoder()
                .encodeToString((password.user() + ":" + password.password()).getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(left)
                .header("Authorization", "Basic " + basic)
                .build();
        CompletableFuture<HttpResponse<Void>> response =
                client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
        try {
            return answer(password.user(), response.get(left.toNanos(), TimeUnit.NANOSECONDS));
        } catch (ExecutionException | TimeoutException e) {
            String why = String.valueOf(e.getCause() == null ? "no answer within " + timeout : e.getCause());
            LOG.warn("{} gives no answer: {}", url, why);
            return new Answer.Unavailable(why);
        } finally {
            response.cancel(true);
        }
    }

    private Answer answer(String user, HttpResponse<Void> response) {
        int status = response.statusCode();
        if (status == 401 || status == 403) {
            return new Answer.Denied("the endpoint said " + status);
        }
        if (status / 100 != 2) {
            LOG.warn("{} answered {}", url, status);
            return new Answer.Unavailable("the endpoint said " + status);
        }
        String principal = response.headers().firstValue(header).orElse(user).strip();
        return principal.isEmpty()
                        || principal.length() > NAME_LIMIT
                        || principal.chars().anyMatch(Character::isISOControl)
                ? new Answer.Unavailable("the endpoint named nobody")
                : new Answer.Granted(principal);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    /** Whether the endpoint gave no answer when it was asked last, and who may try again. */
    private final class Trouble {
        private boolean troubled;
        private boolean trying;
        private long until;

        synchronized boolean mayAsk() {
            if (!troubled) {
                return true;
            }
            if (trying || until - System.nanoTime() > 0) {
                return false;
            }
            trying = true;
            return true;
        }

        synchronized void gaveUp() {
            trying = false;
        }

        synchronized void asked(boolean answered) {
            trying = false;
            troubled = !answered;
            until = System.nanoTime() + pauseNanos;
        }
    }
}
