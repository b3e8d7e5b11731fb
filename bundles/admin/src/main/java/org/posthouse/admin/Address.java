// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The file {@code <dataDir>/run/api-url}, by which the command line finds the API of a server on this machine. */
final class Address {
    private Address() {}

    static void write(Path dataDir, HostPort socket) throws IOException {
        Path file = dataDir.resolve("run").resolve("api-url");
        Files.createDirectories(file.getParent());
        Path draft = file.resolveSibling("api-url.new");
        Files.writeString(draft, url(socket) + "\n", StandardCharsets.UTF_8);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static String url(HostPort socket) throws IOException {
        boolean wildcard = InetAddress.getByName(socket.host()).isAnyLocalAddress();
        return "http://" + (wildcard ? "127.0.0.1" : socket.authority()) + ":" + socket.port();
    }
}
