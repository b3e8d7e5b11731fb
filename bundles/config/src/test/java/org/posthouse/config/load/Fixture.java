// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A folder with files and the metatype of a small server. */
public final class Fixture {
    public static final String METATYPE = """
            <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.4.0"
                xmlns:posthouse="http://posthouse.org/xmlns/metatype/v1.0.0">
              <OCD id="Server" name="Server" description="Who it is.">
                <AD id="hostname" type="String" required="false" default="" posthouse:unit="DOMAIN"/>
                <AD id="dataDir" type="String" default="data"/>
                <AD id=".password" type="String" default=""/>
              </OCD>
              <OCD id="Smtp" name="Listener">
                <AD id="address" type="String" posthouse:unit="SOCKET" description="Where it listens."/>
                <AD id="profile" type="String" default="MX">
                  <Option label="mx" value="MX"/><Option label="relay" value="RELAY"/>
                  <Option label="s" value="SUBMISSION_ONLY"/>
                </AD>
                <AD id="message.maxSize" type="Long" default="25MB" min="1kB" posthouse:unit="SIZE"/>
                <AD id="timeout" type="Long" default="5m" posthouse:unit="DURATION"/>
                <AD id="connections" type="Integer" default="100" min="1" max="5000"/>
                <AD id="trusted" type="String" cardinality="2147483647" default="" posthouse:unit="NETWORK"/>
                <AD id="weights" type="Integer" cardinality="2" default="1,2"/>
                <AD id="extensions" type="String" cardinality="-2147483648" default="A\\,B,C"/>
                <AD id="verify" type="Boolean" default="true"/>
                <AD id=".order" type="Integer"/>
              </OCD>
              <OCD id="Queue" name="Queue">
                <AD id="retry" type="String" default="1m,5m*2,1h" posthouse:unit="SCHEDULE"/>
                <AD id="ratio" type="Double" default="0.5"/>
              </OCD>
              <OCD id="Dotted" name="Dotted"><AD id="x" type="Long" default="1"/></OCD>
              <Designate pid="server"><Object ocdref="Server"/></Designate>
              <Designate factoryPid="smtp"><Object ocdref="Smtp"/></Designate>
              <Designate pid="queue"><Object ocdref="Queue"/></Designate>
              <Designate pid="org.example.dotted"><Object ocdref="Dotted"/></Designate>
            </metatype:MetaData>
            """;

    private final Path folder;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Map<String, String> sets = new LinkedHashMap<>();
    private Set<String> installed = Set.of();

    public Fixture(Path folder) {
        this.folder = folder;
    }

    public static List<Ocd> metatype(String xml) {
        try {
            return Metatype.parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Schema schema() {
        return new Schema(metatype(METATYPE));
    }

    public Fixture file(String name, String text) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Fixture variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    public Fixture set(String key, String value) {
        sets.put(key, value);
        return this;
    }

    public Fixture installed(String... plugins) {
        installed = Set.of(plugins);
        return this;
    }

    public Request request() {
        return new Request(folder, List.of(), folder, null, sets, folder.resolve("data"), environment);
    }

    public Request request(String env) {
        return new Request(folder, List.of(), folder, env, sets, null, environment);
    }

    public Loaded load() {
        return Loaded.load(request(), schema(), installed);
    }

    /** The findings with the folder left out. */
    public String findings() {
        return text(load().findings());
    }

    public String text(List<Finding> findings) {
        StringBuilder text = new StringBuilder();
        findings.forEach(finding ->
                text.append(finding.toString().replace(folder + "/", "")).append('\n'));
        return text.toString();
    }

    public static Settings settings(Loaded loaded, String pid) {
        return loaded.settings().stream()
                .filter(one -> one.fullPid().equals(pid))
                .findFirst()
                .orElseThrow();
    }
}
