// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FeatureTest {
    @TempDir
    private Path folder;

    @Test
    void readsBundlesInOrderWithTheirStartLevels() throws IOException {
        Feature feature = feature("""
                {"id": "g:f:1", "bundles": [
                  {"id": "g:b:1", "bundleStartLevel": 9}, {"id": "g:a:2", "bundleStartLevel": 1}]}""");
        assertEquals("g:f:1", feature.id());
        assertEquals(List.of(new Feature.Entry("g:b:1", 9), new Feature.Entry("g:a:2", 1)), feature.bundles());
    }

    @Test
    void readsWhatTheFrameworkIsLaunchedWith() throws IOException {
        Feature feature = feature("""
                {"id": "g:f:1", "bundles": [], "extensions": {"framework-launching-properties": {"json": {
                  "_osgi_featurelauncher_launchprops_version": "1.0.0", "a.b": "c"}}}}""");
        assertEquals(Map.of("a.b", "c"), feature.framework());
    }

    @Test
    void readsWithoutWhichSectionItIsNotInstalled() throws IOException {
        assertNull(feature("{\"id\": \"g:f:1\", \"bundles\": []}").section());
        assertEquals("cluster", feature("""
                {"id": "g:f:1", "bundles": [], "extensions": {"posthouse-configuration-section": {
                  "kind": "mandatory", "type": "text", "text": ["cluster"]}}}""").section());
    }

    @Test
    void refusesABundleWithoutStartLevel() {
        StartException refused = assertThrows(
                StartException.class, () -> feature("{\"id\": \"g:f:1\", \"bundles\": [{\"id\": \"g:b:1\"}]}"));
        assertTrue(refused.getMessage().contains("g:b:1"), refused.getMessage());
    }

    @Test
    void refusesWhatIsNotJson() {
        StartException refused = assertThrows(StartException.class, () -> feature("bundles:"));
        assertTrue(refused.getMessage().contains("feature.json"), refused.getMessage());
    }

    private Feature feature(String json) throws IOException {
        return Feature.read(Files.writeString(folder.resolve("feature.json"), json));
    }
}
