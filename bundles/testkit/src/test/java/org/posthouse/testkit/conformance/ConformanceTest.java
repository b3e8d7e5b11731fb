// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthouse.api.hook.Hook;

/** Every check of the kit fails where there is something to find. */
final class ConformanceTest {
    private static final String README = """
            # sloppy

            ## What it does

            ## When it runs

            ## Configuration

            ## Example

            ```yaml
            %s
            ```

            ## Metrics and log lines
            """;

    @TempDir
    private Path folder;

    private List<DynamicTest> tests(String example, String... headers) throws Exception {
        Path jar = folder.resolve("sloppy.jar");
        try (Builder builder = new Builder()) {
            builder.addClasspath(new File("target/test-classes"));
            builder.addClasspath(new File(Hook.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI()));
            builder.setProperty("Bundle-SymbolicName", "sloppy");
            builder.setProperty("Bundle-Version", "1.0.0");
            builder.setProperty("Private-Package", "org.posthouse.testkit.conformance.sloppy");
            builder.setProperty("Import-Package", "!org.jspecify.annotations,*");
            for (int i = 0; i < headers.length; i += 2) {
                builder.setProperty(headers[i], headers[i + 1]);
            }
            Jar built = builder.build();
            assertEquals(List.of(), builder.getErrors());
            built.write(jar.toFile());
        }
        Path readme = Files.writeString(folder.resolve("README.md"), README.formatted(example));
        Path configuration = Files.writeString(folder.resolve("sloppy.yaml"), "fault: none\n");
        return Conformance.of(new PluginFiles(jar, readme, configuration))
                .tests()
                .toList();
    }

    /** What is wrong, or null. */
    private static @Nullable Throwable fault(DynamicTest test) {
        try {
            test.getExecutable().execute();
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    private static @Nullable Throwable fault(List<DynamicTest> tests, String sentence) {
        DynamicTest only = tests.stream()
                .filter(test -> test.getDisplayName().startsWith(sentence))
                .findFirst()
                .orElseThrow();
        return fault(only);
    }

    @Test
    void aPluginWithoutFaultPasses() throws Exception {
        for (DynamicTest test : tests("fault: none")) {
            assertEquals(null, fault(test), test.getDisplayName());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "thread, leaves nothing behind, run its code",
        "meter, leaves nothing behind, class loader",
        "job, leaves nothing behind, sloppy",
        "stubborn, ends soon, goes on",
        "open, accepts nothing, Accept",
        "undeclared, answers only, EDIT_HEADERS",
        "hold, answers only, Hold",
        "moody, gives the same verdicts, later"
    })
    void findsTheFault(String fault, String sentence, String words) throws Exception {
        Throwable found = fault(tests("fault: " + fault), sentence);
        assertTrue(String.valueOf(found).contains(words), () -> fault + ": " + found);
    }

    @ParameterizedTest
    @CsvSource({
        "Export-Package, org.posthouse.testkit.conformance.sloppy, exports nothing",
        "DynamicImport-Package, *, is a plain bundle",
        "Require-Bundle, org.apache.felix.scr, is a plain bundle",
        "Provide-Capability, org.posthouse.hook;class=a.B;name=b, declares hooks"
    })
    void findsTheHeader(String header, String value, String sentence) throws Exception {
        assertTrue(fault(tests("fault: none", header, value), sentence) instanceof AssertionError, header);
    }

    @Test
    void findsAStrangeImport() throws Exception {
        List<DynamicTest> tests =
                tests("fault: none", "Import-Package", "!org.jspecify.annotations,org.osgi.framework,javax.crypto,*");
        String found = String.valueOf(fault(tests, "imports the API"));
        assertTrue(found.contains("[org.osgi.framework]"), found);
    }

    @Test
    void findsAnExampleThatWouldBeRefused() throws Exception {
        assertTrue(String.valueOf(fault(tests("faults: none"), "is shipped")).contains("unknown key"));
    }

    @Test
    void findsAMissingHeading() throws Exception {
        List<DynamicTest> tests = tests("fault: none");
        Files.writeString(folder.resolve("README.md"), "# sloppy\n");
        assertTrue(String.valueOf(fault(tests, "has a README")).contains("When it runs"));
    }
}
