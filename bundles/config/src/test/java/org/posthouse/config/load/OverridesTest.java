// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverridesTest {
    @TempDir
    Path folder;

    private Fixture files() {
        return new Fixture(folder)
                .file("posthouse.yaml", "smtp: {my-mx: {address: '*:25', message: {maxSize: 1MB}}}\n");
    }

    @Test
    void variablesFindKeysOfAnySpelling() {
        Loaded loaded = files().variable("POSTHOUSE_SERVER_DATADIR", "/srv")
                .variable("POSTHOUSE_SMTP_MY_MX_MESSAGE_MAXSIZE", "2MB")
                .variable("POSTHOUSE_SMTP_MY_MX_TRUSTED", "10.0.0.0/8, ::1")
                .variable("POSTHOUSE_SMTP_FEEDER_ADDRESS", "127.0.0.1:2525")
                .variable("POSTHOUSE_ORG_EXAMPLE_DOTTED_X", "5")
                .load();
        assertEquals(List.of(), loaded.findings());
        assertEquals("/srv", Fixture.settings(loaded, "server").values().get("dataDir"));
        assertEquals(2_000_000L, Fixture.settings(loaded, "smtp~my-mx").values().get("message.maxSize"));
        assertArrayEquals(new String[] {"10.0.0.0/8", "::1"}, (String[])
                Fixture.settings(loaded, "smtp~my-mx").values().get("trusted"));
        assertEquals(
                "127.0.0.1:2525",
                Fixture.settings(loaded, "smtp~feeder").values().get("address"));
        assertEquals(5L, Fixture.settings(loaded, "org.example.dotted").values().get("x"));
    }

    @Test
    void theCommandLineWinsOverVariables() {
        Loaded loaded = files().variable("POSTHOUSE_QUEUE_RATIO", "1")
                .set("queue.ratio", "2")
                .set("smtp.my-mx.message.maxSize", "3MB")
                .load();
        assertEquals(2.0, Fixture.settings(loaded, "queue").values().get("ratio"));
        assertEquals(3_000_000L, Fixture.settings(loaded, "smtp~my-mx").values().get("message.maxSize"));
    }

    @Test
    void pluginsAreConfiguredByFileSectionAndVariable() {
        List<Ocd> declared = Fixture.metatype("""
                <MetaData xmlns:posthouse="http://posthouse.org/xmlns/metatype/v1.0.0">
                  <OCD id="C" name="C">
                    <AD id="domains" type="String" cardinality="2147483647" posthouse:unit="DOMAIN"/>
                    <AD id="text" type="String" default="Refused"/>
                    <AD id=".token" type="String" default=""/>
                  </OCD>
                  <Designate pid="block-sender"><Object ocdref="C"/></Designate>
                </MetaData>
                """);
        Loaded loaded = files().file("plugins/block-sender.yaml", "domains: [Example.ORG]\n")
                .file("secrets.yaml", "plugins: {block-sender: {token: t}}\n")
                .variable("POSTHOUSE_PLUGINS_BLOCK_SENDER_TEXT", "No")
                .load();
        assertEquals(List.of(), loaded.findings());
        List<Finding> wrong = new ArrayList<>();
        Settings settings = loaded.plugin("block-sender", declared, wrong);
        assertEquals(List.of(), wrong);
        assertArrayEquals(
                new String[] {"example.org"}, (String[]) settings.values().get("domains"));
        assertEquals("No", settings.values().get("text"));
        assertEquals("t", settings.values().get(".token"));
    }

    @Test
    void aPluginsFindingsAreItsOwn() {
        Fixture files = files().file("plugins/block-sender.yaml", "domians: [a.example]\n");
        Loaded loaded = files.load();
        List<Finding> wrong = new ArrayList<>();
        loaded.plugin(
                "block-sender",
                Fixture.metatype("<MetaData><OCD id='C' name='C'><AD id='domains' type='String' cardinality='9'/></OCD>"
                        + "<Designate pid='block-sender'><Object ocdref='C'/></Designate></MetaData>"),
                wrong);
        assertEquals(List.of(), loaded.findings());
        assertEquals(
                "plugins/block-sender.yaml:1: block-sender.domians: unknown key; did you mean domains?\n"
                        + "plugins/block-sender.yaml:1: block-sender.domains: is missing; expected a list such as [a, b], each a text\n",
                files.text(wrong));
    }

    @Test
    void filesOfPluginsStandInTheDataFolder() {
        String xml = "<MetaData><OCD id='C' name='C'>"
                + "<AD id='file' type='String' default='users' xmlns:posthouse='http://posthouse.org/xmlns/metatype/v1.0.0'"
                + " posthouse:unit='FILE'/></OCD><Designate pid='auth-file'><Object ocdref='C'/></Designate></MetaData>";
        Loaded loaded =
                new Fixture(folder).file("posthouse.yaml", "server: {}\n").load();
        List<Finding> wrong = new ArrayList<>();
        List<Ocd> declared = Fixture.metatype(xml);
        Settings settings = loaded.plugin("auth-file", declared, wrong);
        assertEquals(folder.resolve("data/users").toString(), settings.values().get("file"));
        assertEquals(List.of("users"), settings.lines().getFirst().texts());
        Settings candidate = loaded.candidate("auth-file", "file: others\n", declared, wrong);
        assertEquals(
                folder.resolve("data/others").toString(), candidate.values().get("file"));
        assertEquals(List.of(), wrong);
    }
}
