// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;

final class PluginJarTest {
    private static final String COMPONENT = """
            <?xml version="1.0" encoding="UTF-8"?>
            <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="t.A">
              <service><provide interface="org.posthouse.api.hook.Authenticator"/></service>
              <implementation class="t.A"/>
            </scr:component>
            """;

    @TempDir
    private Path dir;

    private PluginJar authenticator(String declared) throws IOException, HouseException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.putValue("Manifest-Version", "1.0");
        main.putValue("Bundle-SymbolicName", "door");
        main.putValue("Bundle-Version", "1.0.0");
        main.putValue("Service-Component", "OSGI-INF/t.A.xml");
        main.putValue("Provide-Capability", "org.posthouse.hook;class=\"t.A\";name=\"door\"" + declared);
        Path jar = dir.resolve("door.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            out.putNextEntry(new JarEntry("OSGI-INF/t.A.xml"));
            out.write(COMPONENT.getBytes(StandardCharsets.UTF_8));
            out.closeEntry();
        }
        return PluginJar.read(jar, dir.resolve("scratch"), Trust.ANYBODY);
    }

    @Test
    void takesAnAuthenticatorAsAHookOfTheStageAuth() throws Exception {
        PluginJar jar = authenticator(";needs:List<String>=\"SECRETS,PEER\"");
        assertEquals(Stage.AUTH, jar.hooks().get(0).stage());
        assertEquals(Set.of(Need.SECRETS, Need.PEER), jar.hooks().get(0).needs());
    }

    @Test
    void refusesAnAuthenticatorThatDoesNotDeclareSecrets() {
        HouseException refused =
                assertThrows(HouseException.class, () -> authenticator(";needs:List<String>=\"PEER\""));
        assertEquals(
                "declares hook door as an Authenticator without needs = SECRETS, so that it could be given no"
                        + " credentials",
                refused.getMessage());
    }
}
