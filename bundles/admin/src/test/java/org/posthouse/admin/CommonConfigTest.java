// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.admin.cluster.FakeMembers;
import org.posthouse.admin.cluster.MemberConfig;
import org.posthouse.admin.spi.CommonConfig.Comparison;
import org.posthouse.admin.spi.RefusedException;
import org.posthouse.config.spi.SharedFiles.Change;

/** A change of the common files over the APIs of three nodes, each of which fails once. */
final class CommonConfigTest {
    private static final String SPF = "plugins/spf.yaml";

    private final Map<String, FakeParts> nodes = new LinkedHashMap<>();
    private final FakeMembers members = new FakeMembers();
    private MemberConfig config;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        for (String name : List.of("a", "b", "c")) {
            FakeParts parts = new FakeParts(Files.createDirectories(folder.resolve(name)));
            parts.joinCluster();
            nodes.put(name, parts);
            members.with(name, new ApiServlet(new Api(null, parts.services())));
        }
        config = new MemberConfig(members, node("a").shared, node("a").events::add);
        node("a").common = config;
    }

    private FakeParts node(String name) {
        return nodes.get(name);
    }

    private static Change change(String text) {
        return new Change(Map.of(SPF, text), Set.of());
    }

    private RefusedException refused(String text) {
        return assertThrows(RefusedException.class, () -> config.apply(change(text), "ann"));
    }

    private List<String> texts() {
        return nodes.values().stream()
                .map(parts -> parts.shared.files.getOrDefault(SPF, "absent"))
                .toList();
    }

    private List<String> told(String name) {
        return node(name).events.stream()
                .map(event -> event.facts().get("action") + ": " + event.facts().get("result"))
                .toList();
    }

    @Test
    void isInForceOnAll() throws RefusedException {
        assertEquals(
                Map.of("a", "in force", "b", "in force", "c", "in force"),
                config.apply(change("new"), "ann").nodes());
        assertEquals(List.of("new", "new", "new"), texts());
        assertEquals(List.of("common config: in force"), told("c"));
        assertEquals(List.of("common config: in force", "cluster config: in force"), told("a"));
        assertEquals("ann", node("a").events.getLast().facts().get("who"));
        assertEquals(SPF, node("c").events.getFirst().facts().get("files"));
        config.apply(new Change(Map.of(), Set.of(SPF)), "ann");
        assertEquals(List.of("absent", "absent", "absent"), texts());
    }

    @Test
    void whatOneFindsWrongIsAppliedNowhere() {
        RefusedException refused = refused("wrong");
        assertEquals("Nothing was changed on any node", refused.getMessage());
        assertEquals(
                List.of(
                        "a: plugins/spf.yaml:1: spf.wrong: unknown key",
                        "b: plugins/spf.yaml:1: spf.wrong: unknown key",
                        "c: plugins/spf.yaml:1: spf.wrong: unknown key"),
                refused.findings());
        assertEquals(List.of("old", "old", "old"), texts());
        assertTrue(members.done().stream().noneMatch(line -> line.endsWith("/apply")), members.done()::toString);
    }

    @Test
    void aNodeThatIsAwayKeepsItFromBeginning() throws RefusedException {
        members.silence("c");
        assertEquals(List.of("c: Node c does not answer"), refused("new").findings());
        assertEquals(List.of("old", "old", "old"), texts());
        members.wake("c");
        config.apply(change("new"), "ann");
        assertEquals(List.of("new", "new", "new"), texts());
    }

    @Test
    void aNodeThatDiesWhileItIsAskedWhetherItCanLeavesAllAsTheyWere() {
        members.fallsAt("b", "/prepare");
        assertEquals(List.of("b: Node b does not answer"), refused("new").findings());
        assertEquals(List.of("old", "old", "old"), texts());
    }

    @Test
    void whatOneCanNotApplyIsTakenBackByAll() throws RefusedException {
        node("b").plugins.troubles = Map.of("other", "is gone, as it was before");
        config.apply(change("new"), "ann");
        node("c").shared.files.put(SPF, "old");
        node("c").plugins.troubles = Map.of("spf", "the generation in force stays: no such server");
        RefusedException refused = refused("newer");
        assertEquals("The old files are in force again on all nodes", refused.getMessage());
        assertEquals(List.of("c: plugin spf: the generation in force stays: no such server"), refused.findings());
        assertEquals(List.of("new", "new", "old"), texts());
        assertTrue(told("c").getLast().contains("refused by a plugin and taken back"), told("c")::toString);
        assertEquals("common config: taken back", told("b").getLast());
    }

    @Test
    void whatOneRefusesToReloadIsTakenBackByAll() {
        assertEquals(3, refused("late").findings().size());
        assertEquals(List.of("old", "old", "old"), texts());
    }

    @Test
    void aNodeThatDiesWhenItHasAppliedIsNamedAndAsksLater() {
        members.fallsAt("c", "/apply");
        RefusedException refused = refused("new");
        assertEquals("The old files are in force again, but not on all nodes", refused.getMessage());
        assertTrue(refused.findings().getLast().contains("will ask the others"), refused.findings()::toString);
        assertEquals(List.of("old", "old", "new"), texts());
        members.wake("c");
        assertEquals(List.of("same", "same", "differs"), states());
        assertTrue(config.compare().getLast().detail().contains("by ann stays is not known there yet"));
        assertEquals("differs, in doubt", config.ask().get("c"));
    }

    @Test
    void aNodeThatIsNotToldThatItStaysIsNamed() throws RefusedException {
        members.fallsAt("b", "/keep");
        Map<String, String> ended = config.apply(change("new"), "ann").nodes();
        assertEquals("in force", ended.get("c"));
        assertTrue(ended.get("b").startsWith("applied, and not told that it stays"), ended::toString);
    }

    private List<String> states() {
        return config.compare().stream().map(Comparison::state).toList();
    }

    @Test
    void differencesAreSeenAndHealed() throws RefusedException {
        node("b").shared.files.put(SPF, "drifted");
        node("b").shared.files.put("plugins/more.yaml", "");
        node("c").shared.files.clear();
        assertEquals(
                List.of(Map.of(), Map.of(SPF, "differs", "plugins/more.yaml", "more"), Map.of(SPF, "missing")),
                config.compare().stream().map(Comparison::files).toList());
        config.apply(new Change(Map.of(SPF, "old"), Set.of("plugins/more.yaml")), "ann");
        assertEquals(Map.of("a", "same", "b", "same", "c", "same"), config.ask());
        members.silence("c");
        assertEquals("silent", config.ask().get("c"));
    }

    @Test
    void aChangeThatIsUnderWayKeepsOthersAway() {
        node("b").shared.prepare("other", "bob", change("x"));
        assertEquals(List.of("b: another change is under way"), refused("new").findings());
        assertEquals(List.of("old", "old", "old"), texts());
    }

    @Test
    void whoNeverHeardWhatBecameOfItAsksTheOthers() {
        for (FakeParts parts : nodes.values()) {
            parts.shared.prepare("1", "ann", change("new"));
            parts.shared.apply("1");
        }
        node("b").shared.keep("1");
        config.look();
        assertEquals(List.of("new", "new", "new"), texts());
        assertEquals(true, node("a").shared.standing().last().kept());
    }

    @Test
    void whatNobodyKeptIsTakenBackOnceAllAnswer() {
        node("a").shared.prepare("1", "ann", change("new"));
        node("a").shared.apply("1");
        members.silence("c");
        config.look();
        assertEquals("new", texts().getFirst(), "c may have kept it");
        members.wake("c");
        config.look();
        assertEquals("old", texts().getFirst());
    }
}
