// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A browser without a screen: password, cookies, redirects, forms. */
final class Browser implements AutoCloseable {
    private static final Pattern CSRF = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"");

    private final HttpClient client = HttpClient.newBuilder()
            .cookieHandler(new CookieManager())
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private final RunningConsole console;

    Browser(RunningConsole console) {
        this.console = console;
    }

    static HttpRequest.Builder request(String url, String user, String password) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        return user.isEmpty()
                ? request
                : request.header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8)));
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(
                request(console.url() + path, "admin", console.password()).build(), BodyHandlers.ofString());
    }

    /** Posts names and values in turns. */
    HttpResponse<String> post(String path, String... form) throws IOException, InterruptedException {
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < form.length; i += 2) {
            body.append(form[i])
                    .append('=')
                    .append(URLEncoder.encode(form[i + 1], UTF_8))
                    .append('&');
        }
        return client.send(
                request(console.url() + path, "admin", console.password())
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(body.toString()))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Posts a form with a file, the word of the session first. */
    HttpResponse<String> file(String path, String csrf, String content) throws IOException, InterruptedException {
        String body = "--b0undary\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n" + csrf
                + "\r\n--b0undary\r\nContent-Disposition: form-data; name=\"jar\"; filename=\"x.jar\"\r\n"
                + "Content-Type: application/java-archive\r\n\r\n" + content + "\r\n--b0undary--\r\n";
        return client.send(
                request(console.url() + path, "admin", console.password())
                        .header("Content-Type", "multipart/form-data; boundary=b0undary")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** The word that the forms of this page carry. */
    static String csrf(String page) {
        Matcher matcher = CSRF.matcher(page);
        if (!matcher.find()) {
            throw new AssertionError("No form on this page: " + page);
        }
        return matcher.group(1);
    }

    @Override
    public void close() {
        client.close();
    }
}
