// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetatypeTest {
    @TempDir
    Path folder;

    @Test
    void fillsInAndConvertsDefaults() {
        Loaded loaded = new Fixture(folder)
                .file("posthouse.yaml", "smtp: {mx: {address: '*:25', profile: submission-only}}\n")
                .load();
        Settings mx = Fixture.settings(loaded, "smtp~mx");
        assertEquals(25_000_000L, mx.values().get("message.maxSize"));
        assertEquals(300_000L, mx.values().get("timeout"));
        assertEquals(100, mx.values().get("connections"));
        assertEquals(true, mx.values().get("verify"));
        assertEquals("SUBMISSION_ONLY", mx.values().get("profile"));
        assertEquals(List.of("A,B", "C"), mx.values().get("extensions"));
        assertArrayEquals(new Integer[] {1, 2}, (Integer[]) mx.values().get("weights"));
        assertArrayEquals(new String[0], (String[]) mx.values().get("trusted"));
        assertEquals("mx", mx.values().get(".name"));
        assertEquals("1m,5m*2,1h", Fixture.settings(loaded, "queue").values().get("retry"));
    }

    @Test
    void refusesExternalEntities() {
        String xml =
                "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><MetaData><OCD id='a' name='&e;'/></MetaData>";
        assertThrows(
                IOException.class,
                () -> Metatype.parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)), true));
    }

    @Test
    void othersDefaultsAreLeftToThem() throws IOException {
        List<Ocd> foreign =
                Metatype.parse(new ByteArrayInputStream(Fixture.METATYPE.getBytes(StandardCharsets.UTF_8)), false);
        Loaded loaded = Loaded.load(
                new Fixture(folder)
                        .file("posthouse.yaml", "queue: {ratio: 2}\n")
                        .request(),
                new Schema(foreign),
                Set.of());
        assertEquals(1, loaded.settings().size());
        assertEquals(Map.of("ratio", 2.0), loaded.settings().get(0).values());
    }

    @Test
    void revisionsDifferWithValuesOnly() {
        Settings one = new Settings("p", "", Map.of("a", new String[] {"x", "y"}), List.of());
        Settings same = new Settings("p", "", Map.of("a", new String[] {"x", "y"}), List.of());
        assertEquals(one.revision(), same.revision());
        assertNotEquals(one.revision(), one.with("a", new String[] {"xy"}).revision());
        assertNotEquals(one.with("n", 1L).revision(), one.with("n", 1).revision());
    }

    @Test
    void knowsSecretsByTheirNames() {
        assertTrue(Attribute.secret("apiToken"));
        assertTrue(Attribute.secret("tls.key"));
        assertTrue(Attribute.secret("password"));
        assertFalse(Attribute.secret("keyboard"));
        assertFalse(Attribute.secret("monkeys"));
    }

    @Test
    void referenceIsWrittenBetweenItsMarkers() {
        String document = "# Title\n<!-- begin configuration queue -->\nold\n<!-- end configuration -->\ntext\n"
                + "<!-- new configuration -->\n";
        String once = Reference.render(document, Fixture.schema());
        assertTrue(once.contains("| `retry` | a retry schedule such as 1m,5m*2,1h | `1m,5m*2,1h` |  |"), once);
        assertTrue(once.contains("### `smtp`"), once);
        assertFalse(once.contains("old"), once);
        assertEquals(once, Reference.render(once, Fixture.schema()));
    }
}
