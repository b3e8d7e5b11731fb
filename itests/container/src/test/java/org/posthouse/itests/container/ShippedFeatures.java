// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.container;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.ops4j.pax.exam.Option;

/** The feature files of the assembled folder as Pax Exam options: the tests boot what is shipped, and no list of their own. */
final class ShippedFeatures {
    private ShippedFeatures() {}

    static Option of(Path home, Path data) throws IOException {
        List<Option> options = new ArrayList<>();
        try (Stream<Path> features = Files.list(home.resolve("features"))) {
            for (Path feature : features.sorted().toList()) {
                JsonNode root = new ObjectMapper().readTree(feature.toFile());
                for (JsonNode entry : root.path("bundles")) {
                    options.add(bundle("reference:"
                                    + jar(home, entry.path("id").asText()).toUri())
                            .startLevel(entry.path("bundleStartLevel").asInt()));
                }
                root.path("extensions").path("framework-launching-properties").path("json").properties().stream()
                        .filter(p -> !p.getKey().startsWith("_"))
                        .forEach(p -> options.add(frameworkProperty(p.getKey())
                                .value(p.getValue().asText().replace("${posthouse.data}", data.toString()))));
            }
        }
        return composite(options.toArray(Option[]::new));
    }

    private static Path jar(Path home, String id) {
        String[] part = id.split(":");
        return home.resolve("repository")
                .resolve(part[0].replace('.', '/'))
                .resolve(part[1])
                .resolve(part[2])
                .resolve(part[1] + "-" + part[2] + ".jar");
    }
}
