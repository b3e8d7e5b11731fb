// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.posthouse.config.spi.SecretFile;

/** The API on a real HTTP server, the Jetty that also runs inside the engine, with a client for it. */
final class ApiServer {
    private final Server jetty = new Server();
    private final ServerConnector connector = new ServerConnector(jetty);
    private final HttpClient client = HttpClient.newHttpClient();
    private final SecretFile token;

    ApiServer(Path dataDir, Services services) throws Exception {
        token = SecretFile.open(dataDir, "api-token");
        Api api = new Api(new Guard(token, List.of("mx.example.org")), services);
        connector.setHost("127.0.0.1");
        jetty.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(new ServletHolder(new ApiServlet(api)), "/api/*");
        jetty.setHandler(context);
        jetty.start();
    }

    String token() {
        return token.value();
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send("GET", path, "Bearer " + token(), "", "");
    }

    HttpResponse<String> call(String method, String path, String json) throws IOException, InterruptedException {
        return send(method, path, "Bearer " + token(), json, "application/json");
    }

    /** Sends a file. */
    HttpResponse<String> file(String path, byte[] content) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + connector.getLocalPort() + path))
                .header("Authorization", "Bearer " + token())
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(content));
        return client.send(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<String> send(String method, String path, String authorization, String body, String contentType)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + connector.getLocalPort() + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        if (!contentType.isEmpty()) {
            request.header("Content-Type", contentType);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /** Sends a GET as it stands, which the JDK's client would not; returns the status line. */
    String statusLine(String host, String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
            String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + token()
                    + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.lines().findFirst().orElse("");
        }
    }

    void stop() throws Exception {
        client.close();
        jetty.stop();
    }
}
