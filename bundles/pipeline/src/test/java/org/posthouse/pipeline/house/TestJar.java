// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.posthouse.api.Verdict;

/** Makes a plugin's jar with one class, as bnd would. */
final class TestJar {
    /** A version 7.… is slow at first, a version 8.… always, and a version 9.… throws. */
    private static final String SOURCE = """
            package t;
            import java.util.Map;
            import org.posthouse.api.*;
            import org.posthouse.api.hook.*;
            public final class H implements MailHook, RcptHook {
                private String word;
                private int calls;
                public void activate(Map<String, Object> config) {
                    word = "VERSION " + config.get("word");
                    if (config.get("word").equals("throw")) throw new IllegalStateException("asked for");
                }
                public Verdict onMail(Transaction tx, Sender sender) {
                    if (word.startsWith("9.")) throw new IllegalStateException("a bad version");
                    if (word.startsWith("8.")) java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                    if (word.startsWith("7.") && calls++ < 45) {
                        java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                    }
                    return sender.domain().equals("ask.example") ? Verdict.reject("5.7.1", word) : Verdict.next();
                }
                public Verdict onRcpt(Transaction tx, Recipient r) {
                    tx.put(new Note<>("t.note", H.class, Note.Scope.TRANSACTION), this);
                    return Verdict.reject("5.7.1", word);
                }
            }
            """;

    private static final String COMPONENT = """
            <?xml version="1.0" encoding="UTF-8"?>
            <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="t.H" activate="activate"
                configuration-policy="require" configuration-pid="PLUGIN">
              <property name="hook.name" type="String" value="PLUGIN"/>
              <service>
                SERVICES
              </service>
              <implementation class="t.H"/>
            </scr:component>
            """;

    private TestJar() {}

    static void write(Path jar, String plugin, String version, String... headers) throws IOException {
        make(jar, plugin, version, SOURCE, List.of("hook.MailHook", "hook.RcptHook"), headers);
    }

    /** A jar whose class {@code t.H} is this one, and provides these services of the API. */
    static void make(Path jar, String plugin, String version, String source, List<String> services, String... headers)
            throws IOException {
        Path classes = Files.createTempDirectory("classes");
        compile(classes, source.replace("VERSION", version));
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.putValue("Manifest-Version", "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", plugin);
        main.putValue("Bundle-Version", version);
        main.putValue("Import-Package", "org.posthouse.api,org.posthouse.api.hook,org.posthouse.api.operator");
        main.putValue("Service-Component", "OSGI-INF/t.H.xml");
        main.putValue("Provide-Capability", "org.posthouse.hook;class=\"t.H\";name=\"" + plugin + "\"");
        for (int i = 0; i < headers.length; i += 2) {
            if (headers[i + 1].isEmpty()) {
                main.remove(new Attributes.Name(headers[i]));
            } else {
                main.putValue(headers[i], headers[i + 1]);
            }
        }
        StringBuilder provided = new StringBuilder();
        services.forEach(service -> provided.append("<provide interface=\"org.posthouse.api.")
                .append(service)
                .append("\"/>"));
        Path next = Files.createTempFile("jar", ".jar");
        try (OutputStream file = Files.newOutputStream(next);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            String component = COMPONENT.replace("PLUGIN", plugin).replace("SERVICES", provided);
            entry(out, "OSGI-INF/t.H.xml", component.getBytes(StandardCharsets.UTF_8));
            try (Stream<Path> all = Files.list(classes.resolve("t"))) {
                for (Path type : all.sorted().toList()) {
                    entry(out, "t/" + type.getFileName(), Files.readAllBytes(type));
                }
            }
        }
        Files.createDirectories(jar.getParent());
        Files.move(next, jar, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private static void entry(JarOutputStream out, String name, byte[] octets) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(octets);
        out.closeEntry();
    }

    private static void compile(Path to, String source) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String api = Path.of(URI.create(Verdict.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toString()))
                .toString();
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///t/H.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignored) {
                return source;
            }
        };
        List<String> options = List.of("-d", to.toString(), "-cp", api, "--release", "21", "-proc:none");
        if (!compiler.getTask(null, null, null, options, null, List.of(file)).call()) {
            throw new IOException("the plugin of the test does not compile");
        }
    }
}
