// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules of the house: who may use what, how things are called, and that documents lead somewhere. */
class HouseTest {
    private static final Path ROOT = Path.of(System.getProperty("posthouse.root", "../.."))
            .toAbsolutePath()
            .normalize();
    private static final List<String> ENGINE = List.of(
            "config",
            "pipeline",
            "smtp",
            "spool",
            "queue",
            "state",
            "cluster",
            "delivery",
            "dns",
            "telemetry",
            "admin",
            "console");

    private static JavaClasses house;

    @BeforeAll
    static void read() throws IOException {
        List<Path> compiled = new ArrayList<>();
        for (String folder : List.of("bundles", "plugins")) {
            try (Stream<Path> modules = Files.list(ROOT.resolve(folder))) {
                modules.map(m -> m.resolve("target/classes"))
                        .filter(Files::isDirectory)
                        .forEach(compiled::add);
            }
        }
        house = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPaths(compiled);
        assertFalse(house.isEmpty());
    }

    @Test
    void noBundleUsesAnotherBundlesImplementation() {
        for (String one : ENGINE) {
            for (String other : ENGINE) {
                if (!one.equals(other)) {
                    noClasses()
                            .that()
                            .resideInAPackage("org.posthouse." + one + "..")
                            .should()
                            .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                                    "are implementation of " + other,
                                    c -> (c.getPackageName() + ".").startsWith("org.posthouse." + other + ".")
                                            && !c.getPackageName().equals("org.posthouse." + other + ".spi")))
                            .allowEmptyShould(true)
                            .check(house);
                }
            }
        }
    }

    @Test
    void apiDependsOnNothingButJavaAndAnnotations() {
        classes()
                .that()
                .resideInAPackage("org.posthouse.api..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.posthouse.api..",
                        "org.osgi..",
                        "org.jspecify.annotations..",
                        "aQute.bnd.annotation..")
                .check(house);
    }

    @Test
    void pluginsUseTheApiAlone() {
        noClasses()
                .that()
                .resideInAPackage("org.posthouse.plugins..")
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are of the engine",
                        c -> c.getPackageName().startsWith("org.posthouse.")
                                && !c.getPackageName().startsWith("org.posthouse.api")
                                && !c.getPackageName().startsWith("org.posthouse.conditions")
                                && !c.getPackageName().startsWith("org.posthouse.mailauth")
                                && !c.getPackageName().startsWith("org.posthouse.outside")
                                && !c.getPackageName().startsWith("org.posthouse.plugins")))
                .check(house);
    }

    /** What plugins have in their jars must not lead them to the engine. */
    @Test
    void librariesOfPluginsUseTheApiAlone() {
        noClasses()
                .that()
                .resideInAnyPackage("org.posthouse.conditions..", "org.posthouse.mailauth..", "org.posthouse.outside..")
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are of the engine",
                        c -> c.getPackageName().startsWith("org.posthouse.")
                                && !c.getPackageName().startsWith("org.posthouse.api")
                                && !c.getPackageName().startsWith("org.posthouse.conditions")
                                && !c.getPackageName().startsWith("org.posthouse.mailauth")
                                && !c.getPackageName().startsWith("org.posthouse.outside")))
                .check(house);
    }

    @Test
    void everyEngineHasOneOwner() {
        Map.of(
                        "config", List.of("org.apache.commons.configuration2.."),
                        "smtp", List.of("org.apache.james..", "io.netty.."),
                        "spool", List.of("org.rocksdb.."),
                        "cluster", List.of("com.hazelcast.."),
                        "dns", List.of("org.xbill.DNS.."),
                        "pipeline", List.of("io.github.resilience4j..", "org.objectweb.asm.."),
                        "telemetry", List.of("io.micrometer.prometheusmetrics.."))
                .forEach((owner, packages) -> noClasses()
                        .that()
                        .resideOutsideOfPackage("org.posthouse." + owner + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(packages.toArray(String[]::new))
                        .check(house));
    }

    @Test
    void namesSayRoleAndHow() {
        for (String word : List.of("Impl", "Manager", "Helper", "Util", "Utils")) {
            // Libraries that a plugin has in its jar are called as their authors wished.
            noClasses()
                    .that()
                    .resideInAPackage("org.posthouse..")
                    .should()
                    .haveSimpleNameEndingWith(word)
                    .check(house);
        }
        noClasses()
                .that()
                .resideInAPackage("org.posthouse..")
                .should()
                .haveSimpleNameStartingWith("Abstract")
                .check(house);
    }

    @Test
    void linksInDocumentsLeadSomewhere() throws IOException {
        Pattern link = Pattern.compile("\\]\\(([^)#: ]+)");
        List<String> dead = new ArrayList<>();
        for (Path document : documents()) {
            Matcher links = link.matcher(Files.readString(document));
            while (links.find()) {
                if (!Files.exists(document.resolveSibling(links.group(1)))) {
                    dead.add(ROOT.relativize(document) + " -> " + links.group(1));
                }
            }
        }
        assertEquals(List.of(), dead);
    }

    @Test
    void configurationReferenceIsWhatTheMetatypeSays() {
        Tool.run(
                        java.time.Duration.ofSeconds(60),
                        ROOT.resolve("docs/reference.sh").toString(),
                        "--check")
                .mustSucceed();
    }

    @Test
    void readmeShowsThePluginAsItIs() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        String source = Files.readString(
                ROOT.resolve("plugins/block-sender/src/main/java/org/posthouse/plugins/blocksender/BlockSender.java"));
        String shown = readme.substring(readme.indexOf("```java\n") + 8);
        shown = shown.substring(0, shown.indexOf("```"));
        assertEquals(source.substring(source.indexOf("/** Refuses")), shown);
    }

    private static List<Path> documents() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String place : List.of("README.md", "CONTRIBUTING.md", "docs", "plugins", "bench")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(place))) {
                files.filter(f -> f.toString().endsWith(".md"))
                        .filter(f -> !f.toString().contains("/target/"))
                        .forEach(found::add);
            }
        }
        return found;
    }
}
