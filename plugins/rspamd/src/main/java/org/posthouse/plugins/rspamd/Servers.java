// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.posthouse.api.Content;

/** The servers in their order: the first that is not left alone is asked, and the next where it gives no answer. */
final class Servers implements AutoCloseable {
    private static final int ANSWER_LIMIT = 512 * 1024;
    private static final int PONG_LIMIT = 1024;
    private static final Duration PING = Duration.ofMillis(4000);

    private final List<Server> servers;
    private final Duration timeout;
    private final Duration whole;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;

    /**
     * The servers to be asked.
     *
     * @param timeout how long one of them may take
     * @param whole how long all of them may take
     */
    Servers(List<Server> servers, Duration timeout, Duration whole) {
        this.servers = List.copyOf(servers);
        this.timeout = timeout;
        this.whole = whole;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .executor(threads)
                .build();
    }

    /**
     * What rspamd says of a message; empty when no server gives an answer.
     *
     * @throws InterruptedException when the asking thread is interrupted
     */
    Optional<Judgement> ask(Envelope envelope, Content message) throws InterruptedException {
        long deadline = System.nanoTime() + whole.toNanos();
        for (Server server : servers) {
            long left = Math.min(timeout.toNanos(), deadline - System.nanoTime());
            if (left > 0 && server.standing().rest().over()) {
                Optional<Judgement> answer = ask(server, envelope, message, Duration.ofNanos(left));
                if (answer.isPresent()) {
                    return answer;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Judgement> ask(Server server, Envelope envelope, Content message, Duration left)
            throws InterruptedException {
        boolean told = false;
        try {
            HttpRequest request = HttpRequest.newBuilder(server.service("/checkv2"))
                    .timeout(left)
                    .headers(envelope.fields().toArray(String[]::new))
                    .POST(body(message))
                    .build();
            Judgement judgement = Judgement.read(exchange(request, ANSWER_LIMIT, left));
            server.standing().answered();
            told = true;
            return Optional.of(judgement);
        } catch (IOException e) {
            server.standing().failed(e);
            told = true;
            return Optional.empty();
        } finally {
            if (!told) {
                server.standing().rest().leftOpen();
            }
        }
    }

    /** The octets as a stream of known length: a server that is asked next reads them from the beginning. */
    private static HttpRequest.BodyPublisher body(Content message) {
        if (message.size() == 0) {
            // A publisher of no octets may not say how many it has.
            return HttpRequest.BodyPublishers.noBody();
        }
        return HttpRequest.BodyPublishers.fromPublisher(
                HttpRequest.BodyPublishers.ofInputStream(() -> open(message)), message.size());
    }

    private static InputStream open(Content message) {
        try {
            return message.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] exchange(HttpRequest request, int limit, Duration left) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> response = client.sendAsync(request, head -> new BoundedBody(limit));
        try {
            // The timeout of the request ends with the head of the answer; this one ends with its body.
            HttpResponse<byte[]> answer = response.get(left.toNanos(), TimeUnit.NANOSECONDS);
            if (answer.statusCode() != 200) {
                throw new IOException("status " + answer.statusCode());
            }
            return answer.body();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + left.toMillis() + " ms", e);
        } finally {
            response.cancel(true);
        }
    }

    /** Which servers do not answer a ping. */
    List<String> silent() {
        List<String> silent = new ArrayList<>();
        for (Server server : servers) {
            try {
                Duration left = PING.dividedBy(servers.size());
                HttpRequest ping = HttpRequest.newBuilder(server.service("/ping"))
                        .timeout(left)
                        .build();
                exchange(ping, PONG_LIMIT, left);
            } catch (IOException e) {
                silent.add(server + " (" + e + ")");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                silent.add(server + " (interrupted)");
            }
        }
        return silent;
    }

    int count() {
        return servers.size();
    }

    @Override
    public void close() {
        client.shutdownNow();
        threads.shutdownNow();
    }
}
