// SPDX-License-Identifier: Apache-2.0
package org.posthouse.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The feature files say what runs, the pom brings it: a bundle in one and not in the other fails here. */
final class BundlesAreDependenciesTest {
    private static final Path FEATURES = Path.of("target/classes");
    private static final Pattern DEPENDENCY = Pattern.compile(
            "<dependency>\\s*<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)</artifactId>\\s*</dependency>");

    @Test
    void everyBundleIsADependencyAndEveryDependencyABundle() throws IOException {
        Set<String> listed = ids().stream()
                .map(id -> id.substring(0, id.lastIndexOf(':')))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> depended = DEPENDENCY
                .matcher(Files.readString(Path.of("pom.xml")))
                .results()
                .map(found -> found.group(1) + ":" + found.group(2))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(listed, depended);
    }

    @Test
    void noBundleIsListedTwice() throws IOException {
        List<String> ids = ids();
        assertEquals(Set.copyOf(ids).size(), ids.size(), ids::toString);
    }

    @Test
    void versionsAreThoseOfTheBuild() throws IOException {
        String classPath = System.getProperty("java.class.path").replace(File.separatorChar, '/');
        for (String id : ids()) {
            String[] part = id.split(":", -1);
            if (part[0].equals("org.posthouse")) {
                assertEquals(System.getProperty("posthouse.version"), part[2], id);
            } else {
                String jar = "/" + part[1] + "/" + part[2] + "/" + part[1] + "-" + part[2] + ".jar";
                assertTrue(classPath.contains(jar), () -> "not on the class path of the build: " + id);
            }
        }
    }

    private static List<String> ids() throws IOException {
        List<String> ids = new ArrayList<>();
        try (Stream<Path> files = Files.list(FEATURES)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                for (JsonNode bundle :
                        new ObjectMapper().readTree(file.toFile()).get("bundles")) {
                    ids.add(bundle.get("id").asText());
                }
            }
        }
        assertFalse(ids.isEmpty());
        return ids;
    }
}
