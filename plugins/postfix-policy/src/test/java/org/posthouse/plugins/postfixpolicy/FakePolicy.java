// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A policy server that answers what a test told it. */
final class FakePolicy implements AutoCloseable {
    private final ServerSocket server;
    private final List<Map<String, String>> requests = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile String answer = "action=DUNNO\n\n";

    FakePolicy() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** The action from now on. */
    void says(String action) {
        answer = "action=" + action + "\n\n";
    }

    /** What it sends from now on, as it is; nothing is silence. */
    void sends(String octets) {
        answer = octets;
    }

    List<Map<String, String>> requests() {
        return List.copyOf(requests);
    }

    int connections() {
        return connections.get();
    }

    int open() {
        return open.size();
    }

    void restart() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        open.add(socket);
        try (socket;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            Map<String, String> request = new LinkedHashMap<>();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isEmpty()) {
                    requests.add(request);
                    request = new LinkedHashMap<>();
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                } else {
                    request.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
                }
            }
        } catch (IOException e) {
            // The client went away, which it may at any time.
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        restart();
    }
}
