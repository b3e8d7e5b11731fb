// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sections that may be left out as a whole, and maps within a section. */
class NamedTest {
    private static final Schema SCHEMA = new Schema(Fixture.metatype("""
            <MetaData xmlns:posthouse="http://posthouse.org/xmlns/metatype/v1.0.0">
              <OCD id="Cluster" name="Cluster">
                <AD id="self" type="String"/>
                <AD id="members." type="String" cardinality="2147483647" posthouse:unit="SOCKET"/>
                <AD id="copies" type="Integer" default="2"/>
              </OCD>
              <Designate pid="cluster"><Object ocdref="Cluster"/></Designate>
            </MetaData>
            """));

    @TempDir
    Path folder;

    private Loaded load(Fixture fixture) {
        return Loaded.load(fixture.request(), SCHEMA, Set.of());
    }

    private Fixture file(String yaml) {
        return new Fixture(folder).file("posthouse.yaml", yaml);
    }

    private String findings(String yaml) {
        return new Fixture(folder).text(load(file(yaml)).findings());
    }

    private static String[] members(Loaded loaded) {
        return (String[]) Fixture.settings(loaded, "cluster").values().get("members.");
    }

    @Test
    void aSectionThatNeedsValuesMayBeLeftOutAsAWhole() {
        Loaded loaded = load(file("{}\n"));
        assertEquals(List.of(), loaded.findings());
        assertEquals(List.of(), loaded.settings());
    }

    @Test
    void aSectionThatIsThereMustBeComplete() {
        assertEquals(
                "posthouse.yaml:1: cluster.members: is missing; expected a map of names, each with a socket address such"
                        + " as 127.0.0.1:25 or [::1]:25\n",
                findings("cluster: { self: a }\n"));
    }

    @Test
    void aMapArrivesInTheOrderOfTheFile() {
        Loaded loaded = load(file("""
                cluster:
                  self: a
                  members: { c: "10.0.0.3:5701", a: "10.0.0.1:5701", b-1: "[fd00::2]:5701" }
                """));
        assertEquals(List.of(), loaded.findings());
        assertArrayEquals(new String[] {"c=10.0.0.3:5701", "a=10.0.0.1:5701", "b-1=[fd00::2]:5701"}, members(loaded));
    }

    @Test
    void wrongValuesAreNamedWithTheirNames() {
        assertEquals(
                "posthouse.yaml:1: cluster.member.x: unknown key\n"
                        + "posthouse.yaml:1: cluster.members.b: expected a socket address such as 127.0.0.1:25 or [::1]:25,"
                        + " not \"nowhere\"\n"
                        + "posthouse.yaml:1: cluster.members.c: expected a socket address such as 127.0.0.1:25 or [::1]:25,"
                        + " not a list\n",
                findings("cluster: { self: a, member: { x: 1 }, members: { a: '10.0.0.1:1', b: nowhere, c: [1] } }\n")
                        .replace("; did you mean members?", ""));
        assertEquals(
                "posthouse.yaml:1: cluster.members: expected a map of names, each with a socket address such as"
                        + " 127.0.0.1:25 or [::1]:25\n",
                findings("cluster: { self: a, members: ['10.0.0.1:1'] }\n"));
    }

    @Test
    void theCommandLineAndVariablesReachIntoTheMap() {
        Loaded loaded = load(file("cluster: { self: a, members: { a: '10.0.0.1:1', b: '10.0.0.2:1' } }\n")
                .set("cluster.members.b", "10.0.0.9:1")
                .variable("POSTHOUSE_CLUSTER_MEMBERS_C", "10.0.0.3:1"));
        assertEquals(List.of(), loaded.findings());
        assertEquals(Set.of("a=10.0.0.1:1", "b=10.0.0.9:1", "c=10.0.0.3:1"), Set.of(members(loaded)));
    }

    @Test
    void whatIsShownCanBeReadAgain() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Loaded loaded = load(file("cluster: { self: a, members: { a: '10.0.0.1:1' } }\n"));
        new Show(new PrintStream(bytes, true, StandardCharsets.UTF_8), false).engine(SCHEMA, loaded.settings());
        String shown = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(shown.contains("members.a: \"10.0.0.1:1\""), shown);
        assertArrayEquals(members(loaded), members(load(file(shown))));
    }

    @Test
    void whetherASectionIsThereIsKnownWithoutMetatype() {
        assertFalse(ConfigCommand.has(file("server: {}\n").request(), "cluster"));
        assertFalse(ConfigCommand.has(file("cluster:\n").request(), "cluster"));
        assertTrue(ConfigCommand.has(file("cluster: { self: a }\n").request(), "cluster"));
        assertTrue(
                ConfigCommand.has(file("server: {}\n").set("cluster.self", "a").request(), "cluster"));
    }
}
