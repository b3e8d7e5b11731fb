// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.config.load.Exchange;
import org.posthouse.config.load.Fixture;
import org.posthouse.config.load.Loaded;
import org.posthouse.config.load.Ocd;
import org.posthouse.config.spi.SharedFiles.Change;
import org.posthouse.config.spi.SharedFiles.Ended;

/** A change of shared files at one node, as who leads it asks for it. */
class SharedFolderTest {
    private static final String ONE = "plugins/one.yaml";
    private static final String METATYPE = """
            <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.4.0">
              <OCD id="One" name="One"><AD id="word" type="String" default=""/></OCD>
              <Designate pid="one"><Object ocdref="One"/></Designate>
            </metatype:MetaData>
            """;

    @TempDir
    Path folder;

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final List<String> reloads = new ArrayList<>();
    private List<String> refusal = List.of();
    private boolean broken;
    private Instant now = Instant.parse("2026-11-25T08:00:00Z");
    private Fixture files;
    private SharedFolder shared;

    @BeforeEach
    void start() {
        files = new Fixture(folder)
                .file("posthouse.yaml", "queue: {ratio: 1}\n")
                .file(ONE, "word: old\n");
        shared = folder();
    }

    /** As after a start. */
    private SharedFolder folder() {
        return new SharedFolder(
                files.request(),
                new SharedFolder.Surroundings() {
                    @Override
                    public Loaded load(Map<Path, Optional<String>> instead) {
                        return Loaded.load(files.request(), Fixture.schema(), Set.of(), instead);
                    }

                    @Override
                    public Map<String, List<Ocd>> plugins() {
                        return Map.of("one", Fixture.metatype(METATYPE));
                    }

                    @Override
                    public List<String> reload() {
                        reloads.add(text(ONE));
                        if (broken && text(ONE).contains("new")) {
                            throw new IllegalStateException("broken");
                        }
                        return text(ONE).contains("new") ? refusal : List.of();
                    }
                },
                thread,
                () -> now);
    }

    @AfterEach
    void stop() {
        thread.shutdownNow();
    }

    private String text(String name) {
        try {
            return Files.exists(folder.resolve(name)) ? Files.readString(folder.resolve(name)) : "absent";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Change files(String name, String text) {
        return new Change(Map.of(name, text), Set.of());
    }

    private void applied(String id, Change change) {
        assertEquals(List.of(), shared.prepare(id, "ann", change));
        assertEquals(List.of(), shared.apply(id));
    }

    @Test
    void whatIsAppliedStaysWhenItIsSaidSo() {
        applied("1", files(ONE, "word: new\n"));
        assertEquals("1", shared.standing().open().id());
        assertEquals("ann", shared.standing().open().who());
        assertEquals(List.of(), shared.keep("1"));
        assertEquals("word: new\n", text(ONE));
        assertEquals(List.of("word: new\n"), reloads);
        assertNull(shared.standing().open());
        assertEquals(new Ended("1", true), shared.standing().last());
        assertEquals(List.of(), shared.keep("1"), "said once more");
        assertEquals(List.of("the change stays here already"), shared.takeBack("1"));
    }

    @Test
    void whatIsTakenBackIsAsItWasWithItsPermissions() throws IOException {
        Files.setPosixFilePermissions(folder.resolve(ONE), PosixFilePermissions.fromString("rw-r-----"));
        applied(
                "1",
                new Change(
                        Map.of(ONE, "word: new\n", "default.yaml", "smtp: {a: {address: '*:25'}}\n"),
                        Set.of("plugins/two.yaml")));
        assertEquals("smtp: {a: {address: '*:25'}}\n", text("default.yaml"));
        assertEquals(List.of(), shared.takeBack("1"));
        assertEquals("word: old\n", text(ONE));
        assertEquals("absent", text("default.yaml"));
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(ONE))));
        assertEquals(List.of("word: new\n", "word: old\n"), reloads);
        assertEquals(new Ended("1", false), shared.standing().last());
        assertEquals(List.of("the change is not in force here: it was taken back"), shared.keep("1"));
    }

    @Test
    void aFileThatGoesComesBackToo() {
        applied("1", new Change(Map.of(), Set.of(ONE)));
        assertEquals("absent", text(ONE));
        shared.takeBack("1");
        assertEquals("word: old\n", text(ONE));
    }

    @Test
    void findsEverythingWrongAndChangesNothing() {
        List<String> wrong = shared.prepare(
                "1", "ann", new Change(Map.of(ONE, "wrod: x\n", "default.yaml", "queue: {\n  ratoi: 2}\n"), Set.of()));
        assertEquals(
                List.of(
                        folder + "/default.yaml:2: queue.ratoi: unknown key; did you mean ratio?",
                        folder + "/plugins/one.yaml:1: one.wrod: unknown key; did you mean word?"),
                wrong);
        assertEquals(List.of("this node knows of no change 1 (any more)"), shared.apply("1"));
        assertEquals("word: old\n", text(ONE));
        assertEquals(List.of(), reloads);
    }

    @Test
    void refusesWhatDiffersFromNodeToNode() {
        String why = shared.prepare("1", "ann", files("posthouse.yaml", "")).getFirst();
        assertTrue(why.startsWith("posthouse.yaml: only default.yaml and plugins/NAME.yaml are the same"), why);
        assertFalse(shared.prepare("1", "ann", files("plugins/../posthouse.yaml", ""))
                .isEmpty());
        assertFalse(shared.prepare("1", "ann", files("../x.yaml", "")).isEmpty());
        assertTrue(shared.prepare("1", "ann", files("plugins/oen.yaml", ""))
                .getFirst()
                .contains("no plugin oen is installed here"));
    }

    @Test
    void whatAReloadRefusesIsUndoneAtOnce() {
        refusal = List.of("smtp~a: in use");
        assertEquals(List.of(), shared.prepare("1", "ann", files(ONE, "word: new\n")));
        assertEquals(List.of("smtp~a: in use"), shared.apply("1"));
        assertEquals("word: old\n", text(ONE));
        assertEquals(List.of("word: new\n", "word: old\n"), reloads);
        assertNull(shared.standing().open());
    }

    @Test
    void aFailureHalfWayIsUndoneAtOnce() {
        assertEquals(List.of(), shared.prepare("1", "ann", files(ONE, "word: new\n")));
        broken = true;
        assertEquals(
                List.of("the files can not be exchanged: java.lang.IllegalStateException: broken"), shared.apply("1"));
        assertEquals("word: old\n", text(ONE));
        assertNull(shared.standing().open());
    }

    @Test
    void twoChangesAtOnceAreOneTooMany() {
        assertEquals(List.of(), shared.prepare("1", "ann", files(ONE, "word: new\n")));
        assertEquals(
                List.of("another change, 1 by ann, is under way"), shared.prepare("2", "bob", files(ONE, "word: b\n")));
        shared.apply("1");
        assertTrue(
                shared.prepare("2", "bob", files(ONE, "word: b\n")).getFirst().startsWith("the change 1 by ann is"));
        shared.keep("1");
        assertEquals(List.of(), shared.prepare("2", "bob", files(ONE, "word: b\n")));
        now = now.plus(SharedFolder.RESERVED);
        assertEquals(List.of(), shared.prepare("3", "eve", files(ONE, "word: e\n")), "who led it is gone");
        assertFalse(shared.apply("2").isEmpty());
    }

    @Test
    void whatComesAfterItWasTakenBackIsRefused() {
        shared.takeBack("1");
        assertEquals(
                List.of("the change was taken back already"), shared.prepare("1", "ann", files(ONE, "word: new\n")));
    }

    @Test
    void aChangeOutlivesTheProcessThatAppliedIt() throws IOException {
        applied("1", files(ONE, "word: new\n"));
        assertEquals(Optional.empty(), Exchange.mend(files.request()));
        shared = folder();
        assertEquals("1", shared.standing().open().id());
        assertEquals(List.of(), shared.takeBack("1"));
        assertEquals("word: old\n", text(ONE));
    }

    @Test
    void aStartMendsWhatWasWrittenByHalf() throws IOException {
        Exchange exchange = Exchange.of(files.request());
        exchange.write("1", "ann", files(ONE, "word: new\n"));
        assertEquals("word: new\n", text(ONE));
        assertEquals(Optional.of("1"), Exchange.mend(files.request()));
        assertEquals("word: old\n", text(ONE));
        assertEquals(Optional.empty(), Exchange.mend(files.request()));
    }

    @Test
    void digestsTellFilesThatDiffer() {
        Map<String, String> before = shared.standing().files();
        assertEquals(Set.of(ONE), before.keySet());
        files.file(ONE, "word: other\n").file("plugins/.one.yaml.new", "x").file("local.yaml", "");
        assertEquals(Set.of(ONE), shared.standing().files().keySet());
        assertNotEquals(before, shared.standing().files());
    }
}
