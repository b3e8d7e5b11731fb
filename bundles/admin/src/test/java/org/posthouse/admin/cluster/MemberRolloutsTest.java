// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.admin.spi.RefusedException;
import org.posthouse.admin.spi.Rollouts;
import org.posthouse.admin.spi.Rollouts.Rollout;
import org.posthouse.admin.spi.Rollouts.Verb;
import org.posthouse.api.Event;

/** A plugin on its way to two or three nodes, each of which fails once. */
@Timeout(20)
class MemberRolloutsTest {
    @TempDir
    Path folder;

    private final PluginNode a = new PluginNode("1");
    private final PluginNode b = new PluginNode("1");
    private final PluginNode c = new PluginNode("1");
    private final FakeMembers members =
            new FakeMembers().with("a", a).with("b", b).with("c", c);
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private volatile Runnable meanwhile = () -> {};
    private final MemberRollouts rollouts =
            new MemberRollouts(members, events::add, InstantSource.system(), this::pause);

    private void pause() throws InterruptedException {
        meanwhile.run();
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    private Rollout install(String version, String first, boolean skip) throws Exception {
        Path jar = Files.writeString(folder.resolve("judge.jar"), version);
        rollouts.install(jar, first, skip, "ann");
        return ended();
    }

    private Rollout ended() {
        while (rollouts.last().orElseThrow().ended() == null) {
            Thread.onSpinWait();
        }
        return rollouts.last().orElseThrow();
    }

    private RefusedException refused(String version, String first, boolean skip) {
        return assertThrows(RefusedException.class, () -> install(version, first, skip));
    }

    private static String states(Rollout rollout) {
        Map<String, String> states = new TreeMap<>();
        rollout.nodes().forEach(node -> states.put(node.name(), node.state()));
        return states.toString();
    }

    private static List<String> steps(Rollout rollout, int node) {
        return rollout.nodes().get(node).steps().stream()
                .map(Rollouts.Step::state)
                .toList();
    }

    @Test
    void theOthersFollowWhenTheWatchAtTheFirstEndedWell() throws Exception {
        a.watched = 3;
        meanwhile = () -> assertEquals("1 1", b.version + " " + c.version, "they wait");
        Rollout rollout = install("2", "", false);
        assertEquals(Rollouts.DONE, rollout.outcome());
        assertEquals("{a=serves, b=serves, c=serves}", states(rollout));
        assertEquals(List.of("waiting", "serves", "watched", "serves"), steps(rollout, 0));
        assertEquals("2 2 2", a.version + " " + b.version + " " + c.version);
        assertEquals(
                List.of("a serves", "a watched", "a serves", "b serves", "c serves", "null done"),
                events.stream()
                        .map(event ->
                                event.facts().get("node") + " " + event.facts().get("result"))
                        .toList());
    }

    @Test
    void anotherNodeMayBeFirst() throws Exception {
        install("2", "b", false);
        assertEquals(
                List.of("b POST /plugins", "a POST /plugins", "c POST /plugins"),
                members.done().stream().filter(line -> !line.contains("dryRun")).toList());
        assertTrue(refused("3", "w", false).getMessage().contains("w can not be first"));
    }

    @Test
    void nobodyElseGetsWhatTheFirstRollsBack() throws Exception {
        a.watched = 4;
        a.bad = true;
        Rollout rollout = install("2", "", false);
        assertEquals(Rollouts.UNDONE, rollout.outcome());
        assertEquals("{a=rolled back, b=waiting, c=waiting}", states(rollout));
        assertEquals(
                "failures 33 % of 60 answers, limit 5 %",
                rollout.nodes().getFirst().detail());
        assertEquals("1 1 1", a.version + " " + b.version + " " + c.version);
    }

    @Test
    void aNodeThatRefusesTakesItFromAllOthers() throws Exception {
        c.refuses = "2";
        Rollout rollout = install("2", "", false);
        assertEquals(Rollouts.UNDONE, rollout.outcome());
        assertEquals("{a=rolled back, b=rolled back, c=refused}", states(rollout));
        assertEquals(
                "The file can not serve; nothing was changed",
                rollout.nodes().get(2).detail());
        assertEquals("1 1 1", a.version + " " + b.version + " " + c.version);
    }

    @Test
    void whatWasNotThereBeforeIsRemovedAgain() throws Exception {
        a.version = "";
        b.version = "2";
        c.refuses = "2";
        Rollout rollout = install("2", "", false);
        assertEquals("{a=removed, b=unchanged, c=refused}", states(rollout));
        assertEquals(Rollouts.UNDONE, rollout.outcome());
        assertEquals(" 2 1", a.version + " " + b.version + " " + c.version);
    }

    @Test
    void aNodeThatDiesInTheMiddleIsNamed() throws Exception {
        members.fallsAt("b", "b POST /plugins");
        Rollout rollout = install("2", "", false);
        assertEquals(Rollouts.PARTIAL, rollout.outcome());
        assertEquals("{a=rolled back, b=silent, c=waiting}", states(rollout));
        assertTrue(rollout.nodes().get(1).detail().contains("it may have the new version"), rollout::toString);
        assertEquals("1 2 1", a.version + " " + b.version + " " + c.version);
    }

    @Test
    void aFirstNodeThatDiesUnderTheWatchStopsIt() throws Exception {
        a.watched = 1_000_000;
        meanwhile = () -> members.silence("a");
        Rollout rollout = install("2", "", false);
        assertEquals(Rollouts.PARTIAL, rollout.outcome());
        assertEquals("{a=silent, b=waiting, c=waiting}", states(rollout));
    }

    @Test
    void nothingBeginsWithoutAllUnlessTheOperatorSaysSo() throws Exception {
        members.silence("c");
        RefusedException refused = refused("2", "", false);
        assertEquals(List.of("c: Node c does not answer"), refused.findings());
        assertEquals(List.of(), members.done());
        Rollout rollout = install("2", "", true);
        assertEquals("{a=serves, b=serves, c=skipped}", states(rollout));
        assertEquals(Rollouts.DONE, rollout.outcome());
    }

    @Test
    void nothingBeginsWithAJarThatANodeRefusesToLookAt() {
        RefusedException refused = refused("unsigned", "", false);
        assertEquals("a: The file is not signed", refused.findings().getFirst());
        assertEquals("1 1 1", a.version + " " + b.version + " " + c.version);
    }

    @Test
    void onlyOneAtATime() throws Exception {
        a.watched = 1_000_000;
        Path jar = Files.writeString(folder.resolve("judge.jar"), "2");
        rollouts.install(jar, "", false, "ann");
        assertTrue(assertThrows(RefusedException.class, () -> rollouts.everywhere(Verb.DISABLE, "judge", "bob"))
                .getMessage()
                .contains("a rollout is under way"));
        rollouts.stop();
        assertEquals(Rollouts.PARTIAL, ended().outcome());
    }

    @Test
    void onlyOneOfTheNodesLeads() {
        b.leads = 0;
        assertEquals(
                List.of("b: leads a rollout of spf"), refused("2", "", false).findings());
        b.leads = 1;
        assertTrue(
                refused("2", "", false).getMessage().contains("node b leads a rollout of spf"), "at the same moment");
        assertEquals("1 1 1", a.version + " " + b.version + " " + c.version);
        assertEquals(Rollouts.UNDONE, ended().outcome());
    }

    @Test
    void aVerbIsDoneAtAllOfTwo() throws Exception {
        FakeMembers two = new FakeMembers().with("a", a).with("b", b);
        MemberRollouts pair = new MemberRollouts(two, events::add, InstantSource.system(), () -> {});
        Rollout rollout = pair.everywhere(Verb.DISABLE, "judge", "ann");
        assertEquals(Rollouts.DONE, rollout.outcome());
        assertEquals("disabled disabled", a.state + " " + b.state);
        b.version = "";
        assertEquals(
                List.of("b: There is no plugin judge"),
                assertThrows(RefusedException.class, () -> pair.everywhere(Verb.ENABLE, "judge", "ann"))
                        .findings());
        assertEquals("{a=removed, b=unchanged}", states(pair.everywhere(Verb.REMOVE, "judge", "ann")));
        two.silence("b");
        assertThrows(RefusedException.class, () -> pair.everywhere(Verb.REMOVE, "judge", "ann"));
    }

    @Test
    void whereANodeRefusesAVerbTheOthersAreTurnedBack() throws Exception {
        b.state = "disabled";
        c.refusesVerb = "disable";
        Rollout rollout = rollouts.everywhere(Verb.DISABLE, "judge", "ann");
        assertEquals(Rollouts.UNDONE, rollout.outcome());
        assertEquals("active disabled", a.state + " " + b.state, "b was disabled before");
        a.previous = "0";
        b.previous = "0";
        c.refusesVerb = "rollback";
        assertEquals(
                Rollouts.UNDONE,
                rollouts.everywhere(Verb.ROLLBACK, "judge", "ann").outcome());
        assertEquals("1 1 1", a.version + " " + b.version + " " + c.version);
        c.refusesVerb = "judge";
        Rollout removed = rollouts.everywhere(Verb.REMOVE, "judge", "ann");
        assertEquals(Rollouts.PARTIAL, removed.outcome());
        assertTrue(removed.detail().contains("can not be turned back"), removed.detail());
    }

    @Test
    void aVerbGoesOnPastANodeThatDies() throws Exception {
        members.fallsAt("b", "disable");
        Rollout rollout = rollouts.everywhere(Verb.DISABLE, "judge", "ann");
        assertEquals(Rollouts.PARTIAL, rollout.outcome());
        assertEquals("{a=disabled, b=silent, c=disabled}", states(rollout));
    }

    @Test
    void aJarThatCanNotBeCarriedIsRefused() throws IOException {
        assertTrue(
                assertThrows(RefusedException.class, () -> rollouts.install(folder.resolve("none"), "", false, "ann"))
                        .getMessage()
                        .contains("can not be read"));
    }
}
