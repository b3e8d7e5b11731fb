// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.hook.Hook;

/** What the archetype makes compiles without a warning and conforms, and the guide shows it as it is. */
final class ArchetypeTest {
    private static final Path ROOT = Path.of("../..");
    private static final Path TEMPLATES = ROOT.resolve("archetype/src/main/resources/archetype-resources");

    @TempDir
    private Path folder;

    @BeforeEach
    void generate() throws IOException {
        try (Stream<Path> files = Files.walk(TEMPLATES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = filled(TEMPLATES.relativize(file).toString());
                Path target = folder.resolve(name);
                Files.createDirectories(target.getParent());
                Files.writeString(target, filled(Files.readString(file)));
            }
        }
    }

    /** What the archetype plugin does to names and texts. */
    private static String filled(String text) {
        return text.replaceAll("(?m)^#set.*\\n", "")
                .replace("$h", "#")
                .replace("${package}", "org.example.subjectwords")
                .replace("${className}", "SubjectWords")
                .replace("__className__", "SubjectWords")
                .replace("${artifactId}", "subject-words")
                .replace("__artifactId__", "subject-words");
    }

    private void compile(String from, String to) throws IOException {
        List<String> sources;
        try (Stream<Path> files = Files.walk(folder.resolve(from))) {
            sources = files.map(Path::toString)
                    .filter(name -> name.endsWith(".java"))
                    .toList();
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        List<String> options = List.of(
                "-Xlint:all,-processing,-classfile,-path",
                "-Werror",
                "-proc:none",
                "--release",
                "21",
                "-d",
                Files.createDirectories(folder.resolve(to)).toString(),
                "-cp",
                folder.resolve("classes") + File.pathSeparator + classPath());
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            boolean good = compiler.getTask(
                            said, manager, null, options, null, manager.getJavaFileObjectsFromStrings(sources))
                    .call();
            assertTrue(good, said::toString);
        }
    }

    /** Surefire hands a long class path over in a jar, and says what is in it. */
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    @TestFactory
    Stream<DynamicTest> conforms() throws Exception {
        compile("src/main", "classes");
        compile("src/test", "test-classes");
        Path jar = Files.createDirectories(folder.resolve("target")).resolve("subject-words.jar");
        try (Builder builder = new Builder()) {
            builder.addClasspath(folder.resolve("classes").toFile());
            builder.addClasspath(new File(Hook.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI()));
            builder.setProperty("Bundle-SymbolicName", "subject-words");
            builder.setProperty("Bundle-Version", "1.0.0");
            builder.setProperty("Private-Package", "org.example.subjectwords");
            Jar built = builder.build();
            assertEquals(List.of(), builder.getErrors());
            built.write(jar.toFile());
        }
        return Conformance.of(PluginFiles.ofProject(folder)).tests();
    }

    @Test
    void theGuideShowsThePluginAsTheArchetypeMakesIt() throws IOException {
        String guide = Files.readString(ROOT.resolve("docs/plugin-guide.md"));
        String shown = guide.substring(guide.indexOf("```java\n") + 8);
        shown = shown.substring(0, shown.indexOf("```"));
        String source = Files.readString(folder.resolve("src/main/java/SubjectWords.java"));
        assertEquals(source.substring(source.indexOf("/** Refuses")), shown);
    }
}
