// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which files of a configuration may be the same on all members of a cluster, by their names below its folder. */
public final class SharedNames {
    private static final Pattern PLUGIN =
            Pattern.compile(Layers.PLUGINS + "/([A-Za-z0-9][A-Za-z0-9_.-]{0,100})\\" + Layers.SUFFIX);

    private final Request request;

    /** Those of this request. */
    public SharedNames(Request request) {
        this.request = request;
    }

    /** The plugin whose file this is; empty when it is none. */
    public static Optional<String> plugin(String name) {
        Matcher matcher = PLUGIN.matcher(name);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Why a file of this name can not be the same everywhere; empty when it can. */
    public Optional<String> refusal(String name) {
        if (name.equals(Layers.DEFAULT)) {
            return request.configFiles().size() > 1
                    ? Optional.of(name + ": this server reads the files that were named at its start, and not this one")
                    : Optional.empty();
        }
        if (plugin(name).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(name + ": only " + Layers.DEFAULT + " and " + Layers.PLUGINS + "/NAME" + Layers.SUFFIX
                + " are the same on all members; posthouse.yaml and the files above it hold what differs from node to"
                + " node (server, cluster.self, addresses), so what all have in common belongs into " + Layers.DEFAULT);
    }

    /** The SHA-256 of each of these files that is there, by its name. */
    public Map<String, String> digests() throws IOException {
        Path folder = Layers.folder(request);
        Map<String, String> digests = new TreeMap<>();
        digest(folder, Layers.DEFAULT, digests);
        Path plugins = folder.resolve(Layers.PLUGINS);
        if (Files.isDirectory(plugins)) {
            try (Stream<Path> files = Files.list(plugins)) {
                for (Path file : files.toList()) {
                    digest(folder, Layers.PLUGINS + "/" + file.getFileName(), digests);
                }
            }
        }
        return digests;
    }

    private void digest(Path folder, String name, Map<String, String> digests) throws IOException {
        Path file = folder.resolve(name);
        if (refusal(name).isEmpty() && Files.exists(file)) {
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                digests.put(name, HexFormat.of().formatHex(hash));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("Every Java platform has SHA-256", e);
            }
        }
    }
}
