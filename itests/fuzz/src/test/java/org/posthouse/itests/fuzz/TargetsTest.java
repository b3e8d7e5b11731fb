// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Fuzzes each target in a JVM of its own for some seconds, from its seeds on: a claim that fails, an exception, an input that
 * takes more than five seconds, or a heap that does not suffice or that grows after the warm-up is a finding.
 *
 * <p>A target is a class whose name ends in {@code Target}, with a method {@code fuzzerTestOneInput}, in the package of what it
 * fuzzes. Its seeds are the lines of the file of its name in {@code src/test/seeds}, with the escapes of Java texts. What
 * widened the coverage is kept in {@code target/fuzz} and taken up by the next run.
 */
final class TargetsTest {
    private static final Path CLASSES = Path.of("target/test-classes").toAbsolutePath();
    private static final Path SEEDS = Path.of("src/test/seeds").toAbsolutePath();
    private static final Path WORK = Path.of("target/fuzz").toAbsolutePath();
    private static final int SECONDS = Integer.getInteger("posthouse.fuzz.seconds", 3);
    private static final int SEED = Integer.getInteger("posthouse.fuzz.seed", 1);
    private static final String ONLY = System.getProperty("posthouse.fuzz.target", "");
    private static final String END = ".txt";
    private static final Pattern HEAP = Pattern.compile("Heap (-?\\d+) kB");
    private static final Pattern RUNS = Pattern.compile("Done (\\d+) runs in (\\d+) second");

    private static List<String> targets() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            return files.map(file -> CLASSES.relativize(file).toString())
                    .filter(name -> name.endsWith("Target.class"))
                    .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everyTargetHasSeedsAndTheOtherWayRound() throws IOException {
        try (Stream<Path> files = Files.list(SEEDS)) {
            List<String> seeded = files.map(file -> file.getFileName().toString())
                    .map(name -> name.substring(0, name.length() - END.length()))
                    .sorted()
                    .toList();
            assertEquals(targets(), seeded);
        }
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    Stream<DynamicTest> standsWhateverComes() throws IOException {
        return targets().stream()
                .filter(target -> ONLY.isEmpty() || target.endsWith("." + ONLY))
                .map(target -> DynamicTest.dynamicTest(target, () -> fuzz(target)));
    }

    private static void fuzz(String target) throws IOException, InterruptedException {
        Path work = Files.createDirectories(WORK.resolve(target));
        Path seeds = Files.createDirectories(work.resolve("seeds"));
        int number = 0;
        for (String line : Files.readAllLines(SEEDS.resolve(target + END))) {
            byte[] seed = line.translateEscapes().getBytes(StandardCharsets.ISO_8859_1);
            Files.write(seeds.resolve("seed" + number++), seed);
        }
        Run run = run(target, work, seeds);
        String said = run.said();
        assertEquals(0, run.exit(), () -> said + artifacts(work));
        Matcher runs = RUNS.matcher(said);
        assertTrue(runs.find() && Long.parseLong(runs.group(1)) > number, said);
        String grown = HEAP.matcher(said)
                .results()
                .map(found -> found.group(1))
                .reduce((first, last) -> last)
                .orElseThrow(() -> new AssertionError("The heap was not looked at: " + said));
        System.out.println(
                target + ": " + runs.group(1) + " inputs in " + runs.group(2) + " s, heap " + grown + " kB more");
    }

    @Test
    void findsWhatKeepsItsInputs() throws IOException, InterruptedException {
        Path work = Files.createDirectories(WORK.resolve("hoarder"));
        Path seeds = Files.createDirectories(work.resolve("seeds"));
        Files.write(seeds.resolve("seed0"), new byte[] {1});
        Run run = run(Hoarder.class.getName(), work, seeds);
        assertNotEquals(0, run.exit(), run.said());
        assertTrue(run.said().contains("the heap grew by"), run.said());
    }

    /** A run of the fuzzer: how it ended, -1 when it had to be ended, and what it said. */
    private record Run(int exit, String said) {}

    private static Run run(String target, Path work, Path seeds) throws IOException, InterruptedException {
        Path corpus = Files.createDirectories(work.resolve("corpus"));
        Path log = work.resolve("log");
        Process process = new ProcessBuilder(command(target, work, corpus, seeds))
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(SECONDS + 120L, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        return new Run(ended ? process.exitValue() : -1, Files.readString(log, StandardCharsets.ISO_8859_1));
    }

    private static List<String> command(String target, Path work, Path corpus, Path seeds) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                // Small enough that what is kept from one input to the next is found.
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dposthouse.fuzz.target=" + target,
                "-Dposthouse.fuzz.seconds=" + SECONDS,
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + Watched.class.getName(),
                "--instrumentation_includes=org.posthouse.**",
                "--reproducer_path=" + work,
                "-artifact_prefix=" + work + "/finding-",
                "-max_total_time=" + SECONDS,
                "-timeout=5",
                "-rss_limit_mb=1024",
                "-max_len=4096",
                "-print_final_stats=1"));
        if (SEED > 0) {
            command.add("-seed=" + SEED);
        }
        command.addAll(List.of(corpus.toString(), seeds.toString()));
        return command;
    }

    /** The inputs that were found, in hexadecimal, for a unit test. */
    private static String artifacts(Path work) {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(work)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("finding-"))
                    .toList()) {
                text.append("\n")
                        .append(file.getFileName())
                        .append(": ")
                        .append(HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        } catch (IOException e) {
            text.append("\nno artifacts: ").append(e);
        }
        return text.toString();
    }
}
