// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Need;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.HookSpec;

final class ExpectedHooksTest {
    @TempDir
    private Path dir;

    private static HookSpec hook(String name) {
        return new HookSpec(
                name,
                "plugin",
                Stage.DATA,
                List.of("spf", "*"),
                List.of(),
                7,
                Set.of(Need.BODY, Need.EDIT_HEADERS),
                1234,
                OnFailure.HOLD);
    }

    @Test
    void remembersPlacesAndVerdictsOverARestart() throws IOException {
        Path file = dir.resolve("state/expected-hooks");
        ExpectedHooks list = ExpectedHooks.open(file);
        list.join("plugin", List.of(hook("a"), hook("b")));
        list.join("no-hooks", List.of());
        ExpectedHooks again = ExpectedHooks.open(file);
        assertEquals(Set.of("plugin", "no-hooks"), again.plugins());
        assertEquals(List.of(hook("a"), hook("b")), again.hooks("plugin"));
        again.leave("plugin");
        assertFalse(ExpectedHooks.open(file).expects("plugin"));
    }

    @Test
    void aCrashWhileWritingLeavesTheOldList() throws IOException {
        Path file = dir.resolve("expected-hooks");
        ExpectedHooks.open(file).join("plugin", List.of(hook("a")));
        Files.writeString(dir.resolve("expected-hooks.new"), "plug"); // The process died here.
        ExpectedHooks again = ExpectedHooks.open(file);
        assertTrue(again.expects("plugin"));
        again.join("other", List.of());
        assertEquals(Set.of("plugin", "other"), ExpectedHooks.open(file).plugins());
    }

    @Test
    void aDamagedListIsRefusedRatherThanTakenForEmpty() throws IOException {
        Path file = dir.resolve("expected-hooks");
        ExpectedHooks.open(file).join("plugin", List.of(hook("a"), hook("b")));
        String whole = Files.readString(file);
        Files.writeString(file, whole.substring(0, whole.length() / 2));
        assertThrows(IOException.class, () -> ExpectedHooks.open(file));
        Files.writeString(file, "");
        assertThrows(IOException.class, () -> ExpectedHooks.open(file));
        Files.writeString(file, whole.replace("DATA", "DATE"));
        assertThrows(IOException.class, () -> ExpectedHooks.open(file));
    }
}
