// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.health;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.posthouse.telemetry.health.Probe.Page;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a few pages over HTTP/1.1, one request per connection (RFC 9112 9.6), each on a virtual thread.
 *
 * <p>It stands apart from the HTTP service of the API, so that probes are answered while that one is restarted.
 */
final class PageServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PageServer.class);
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final long WHOLE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_HEAD = 16 * 1024;
    private static final int MOST_CONNECTIONS = 64;

    private final Map<String, Supplier<Page>> pages;
    private final ServerSocket server;
    private final long wholeNanos;
    private final Thread acceptor;
    private final Map<Socket, Long> open = new ConcurrentHashMap<>();

    /** Listens from now on. */
    PageServer(InetSocketAddress address, Map<String, Supplier<Page>> pages) throws IOException {
        this(address, pages, WHOLE_NANOS);
    }

    /** For tests: with the time that a request and its answer may take together. */
    PageServer(InetSocketAddress address, Map<String, Supplier<Page>> pages, long wholeNanos) throws IOException {
        this.wholeNanos = wholeNanos;
        this.pages = Map.copyOf(pages);
        this.server = new ServerSocket();
        server.setReuseAddress(true);
        try {
            server.bind(address);
        } catch (IOException e) {
            server.close();
            // Without the cause, which knows no address: the innermost is what a failed start shows.
            throw new IOException("can not listen on " + address + " (metrics.address): " + e.getMessage());
        }
        acceptor = Thread.ofVirtual().name("posthouse-metrics").start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Stops listening and cuts what is open. */
    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open.keySet()) {
            socket.close();
        }
        try {
            // The port is free when the thread that waited for connections let go of it.
            if (!acceptor.join(PATIENCE)) {
                LOG.warn("the metrics page still holds its port {}", server.getLocalPort());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Cuts those who read or write a little now and then, so that they can not keep the probes out. */
    private void cutTheSlow() {
        long now = System.nanoTime();
        open.forEach((socket, since) -> {
            if (now - since > wholeNanos) {
                end(socket);
            }
        });
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                cutTheSlow();
                open.put(socket, System.nanoTime());
                if (open.size() > MOST_CONNECTIONS || server.isClosed()) {
                    end(socket);
                } else {
                    Thread.ofVirtual().name("posthouse-metrics-request").start(() -> serve(socket));
                }
            } catch (IOException e) {
                if (!server.isClosed()) {
                    LOG.warn("a connection to the metrics page could not be accepted: {}", e.getMessage());
                    // Such as too many open files: asking again at once would take a whole processor.
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }

    private void serve(Socket socket) {
        try {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            String[] request = head(socket).split(" ", 3);
            boolean get = request[0].equals("GET") || request[0].equals("HEAD");
            Page page = request.length < 3
                    ? new Page(400, "text/plain", "Bad request\n")
                    : get ? page(request[1]) : new Page(405, "text/plain", "Only GET and HEAD\n");
            answer(socket.getOutputStream(), page, !request[0].equals("HEAD"));
        } catch (IOException e) {
            LOG.debug("a request to the metrics page ended early: {}", e.getMessage());
        } finally {
            end(socket);
        }
    }

    private Page page(String target) {
        int query = target.indexOf('?');
        Supplier<Page> page = pages.get(query < 0 ? target : target.substring(0, query));
        try {
            return page == null ? new Page(404, "text/plain", "No such page\n") : page.get();
        } catch (RuntimeException e) {
            LOG.error("the page {} failed", target, e);
            return new Page(500, "text/plain", "Failed; the log says why\n");
        }
    }

    /** Reads up to the empty line and returns the first line. */
    private static String head(Socket socket) throws IOException {
        InputStream in = new BufferedInputStream(socket.getInputStream(), 1024);
        StringBuilder head = new StringBuilder();
        while (head.length() < MOST_HEAD) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("closed by the client");
            }
            head.append((char) octet);
            if (octet == '\n'
                    && (head.toString().endsWith("\r\n\r\n") || head.toString().endsWith("\n\n"))) {
                return head.substring(0, head.indexOf("\n")).strip();
            }
        }
        throw new IOException("request head too long");
    }

    private static void answer(OutputStream out, Page page, boolean withBody) throws IOException {
        byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 " + page.status() + " " + reason(page.status()) + "\r\n"
                + "Content-Type: " + page.type() + "; charset=utf-8\r\n"
                + "Content-Length: " + body.length + "\r\n"
                + "Cache-Control: no-store\r\n"
                + "Connection: close\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        if (withBody) {
            out.write(body);
        }
        out.flush();
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 503 -> "Service Unavailable";
            default -> "Internal Server Error";
        };
    }

    private void end(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("a connection to the metrics page could not be closed: {}", e.getMessage());
        }
    }
}
