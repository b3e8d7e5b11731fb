// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Tree;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Compares the API with that of the last release: what changed needs a version in the package's package-info.java. */
final class BaselineTest {
    private static final String HOOKS = "org.posthouse.api.hook";
    private static final String API = "org.posthouse.api";

    private static ApiTree compiled;
    private ApiTree changed;

    @BeforeAll
    static void read() throws Exception {
        compiled = ApiTree.compiled();
    }

    private List<String> misfits() throws Exception {
        return changed.misfits(compiled);
    }

    private void change() {
        changed = ApiTree.read(compiled.lines());
    }

    private void version(String pack, String version) {
        changed.versions().put(pack, version);
    }

    /** Adds a method like the given one, as bnd sees it in a type of that kind. */
    private void addMethod(String pack, String type, String like) {
        Tree.Data node = changed.at(pack, type);
        Tree.Data model = changed.at(pack, type, like);
        Tree.Data method = new Tree.Data();
        method.name = "another()";
        method.type = model.type;
        method.add = model.add;
        method.rem = model.rem;
        method.children = model.children;
        node.children = Arrays.copyOf(node.children, node.children.length + 1);
        node.children[node.children.length - 1] = method;
    }

    private void remove(String pack, String name) {
        Tree.Data node = changed.at(pack);
        node.children = Arrays.stream(node.children)
                .filter(child -> !child.name.equals(name))
                .toArray(Tree.Data[]::new);
    }

    @Test
    void everyPackageHasTheVersionThatItsChangesNeed() throws Exception {
        assertEquals(List.of(), compiled.misfits(ApiTree.recorded()));
    }

    @Test
    void theTreeIsWrittenAndReadWhole() {
        assertEquals(compiled.lines(), ApiTree.read(compiled.lines()).lines());
        assertTrue(compiled.lines().size() > 1000, "the API was read");
    }

    @Test
    void findsNoFaultWhereNothingChanged() throws Exception {
        change();
        assertEquals(List.of(), misfits());
    }

    @Test
    void aRemovedTypeNeedsAMajorVersion() throws Exception {
        change();
        remove(API, "org.posthouse.api.Address");
        assertTrue(misfits().get(0).startsWith("org.posthouse.api is 1.0.0 and needs 2.0.0"), misfits()::toString);
        version(API, "1.1.0");
        assertEquals(1, misfits().size());
        version(API, "2.0.0");
        assertEquals(List.of(), misfits());
    }

    @Test
    void aMethodMoreOfWhatTheCoreProvidesNeedsAMinorVersion() throws Exception {
        change();
        addMethod(API, "org.posthouse.api.Transaction", "id()");
        assertTrue(misfits().get(0).startsWith("org.posthouse.api is 1.0.0 and needs 1.1.0"), misfits()::toString);
        version(API, "1.1.0");
        assertEquals(List.of(), misfits());
    }

    @Test
    void aMethodMoreOfWhatPluginsImplementNeedsAMajorVersion() throws Exception {
        change();
        addMethod(
                HOOKS,
                "org.posthouse.api.hook.MailHook",
                "onMail(org.posthouse.api.Transaction,org.posthouse.api.Sender)");
        assertTrue(misfits().get(0).startsWith("org.posthouse.api.hook is 1.0.0 and needs 2.0.0"), misfits()::toString);
        version(HOOKS, "1.1.0");
        assertEquals(1, misfits().size());
    }

    @Test
    void whoImplementsATypeDecidesWhatAMethodMoreMeans() {
        assertEquals(Delta.MINOR, compiled.at(API, "org.posthouse.api.Transaction", "id()").add);
        assertEquals(
                Delta.MAJOR,
                compiled.at(
                                HOOKS,
                                "org.posthouse.api.hook.MailHook",
                                "onMail(org.posthouse.api.Transaction,org.posthouse.api.Sender)")
                        .add);
    }
}
