// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Need;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Stage;
import org.posthouse.api.hook.Hook;
import org.posthouse.pipeline.HookSpec;

/**
 * A plugin's jar, described by its manifest and component files alone: no code of it has run.
 *
 * @param name the name of the plugin
 * @param version its version
 * @param hash SHA-256 of the octets
 * @param file where it was dropped
 * @param octets the copy that was read
 * @param hooks its hooks, one entry per stage
 * @param classes the class of each hook, by the name of the hook
 * @param components the components that provide services of the API
 * @param signer the subject of the certificate that signed it, or empty
 */
record PluginJar(
        String name,
        String version,
        String hash,
        Path file,
        byte[] octets,
        List<HookSpec> hooks,
        Map<String, String> classes,
        List<ComponentFile> components,
        String signer) {
    private static final long MOST_OCTETS = 256L << 20;
    private static final List<String> SERVICES = List.of("org.posthouse.api.hook.", "org.posthouse.api.operator.");

    /** The description without the octets, for keeping. */
    PluginJar lighter() {
        return new PluginJar(name, version, hash, file, new byte[0], hooks, classes, components, signer);
    }

    /** The same jar, as it stands at another place. */
    PluginJar at(Path place) {
        return new PluginJar(name, version, hash, place, octets, hooks, classes, components, signer);
    }

    /** The start of the hash, for people. */
    String shortHash() {
        return hash.substring(0, 8);
    }

    /** Whether it is of no use without a configuration. */
    boolean requiresConfiguration() {
        return components.stream().anyMatch(ComponentFile::requiresConfiguration);
    }

    /**
     * Copies and reads a jar.
     *
     * @param file the jar
     * @param scratch a folder for the copy
     * @param trust who may have signed it
     * @throws HouseException when it is no plugin, not whole, or not signed as it must be
     */
    static PluginJar read(Path file, Path scratch, Trust trust) throws HouseException {
        Path copy = null;
        try {
            Files.createDirectories(scratch);
            copy = Files.createTempFile(scratch, "plugin", ".jar");
            if (Files.size(file) > MOST_OCTETS) {
                throw new HouseException("more than " + (MOST_OCTETS >> 20) + " MB");
            }
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (DigestOutputStream out = new DigestOutputStream(Files.newOutputStream(copy), digest)) {
                Files.copy(file, out);
            }
            return describe(file, copy, HexFormat.of().formatHex(digest.digest()), trust.signer(copy));
        } catch (IOException | IllegalArgumentException e) {
            throw new HouseException("can not be read: " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } finally {
            delete(copy);
        }
    }

    private static void delete(@Nullable Path copy) {
        try {
            if (copy != null) {
                Files.deleteIfExists(copy);
            }
        } catch (IOException e) {
            copy.toFile().deleteOnExit();
        }
    }

    private static PluginJar describe(Path file, Path copy, String hash, String signer)
            throws IOException, HouseException {
        try (JarFile jar = new JarFile(copy.toFile(), false)) {
            if (jar.getManifest() == null) {
                throw new HouseException("has no manifest");
            }
            Attributes main = jar.getManifest().getMainAttributes();
            String name = text(main, "Bundle-SymbolicName").split(";", 2)[0].strip();
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
                throw new HouseException("has no Bundle-SymbolicName");
            }
            List<ComponentFile> components = components(jar, text(main, "Service-Component"));
            Map<String, String> classes = new HashMap<>();
            List<HookSpec> hooks = new ArrayList<>();
            for (Map<String, String> declared : Capabilities.of(text(main, "Provide-Capability"), Hook.NAMESPACE)) {
                hooks(name, declared, components, hooks, classes);
            }
            if (components.isEmpty()) {
                throw new HouseException("is no plugin: it declares neither a hook nor another service of the API");
            }
            byte[] octets = Files.readAllBytes(copy);
            return new PluginJar(
                    name,
                    text(main, "Bundle-Version"),
                    hash,
                    file,
                    octets,
                    List.copyOf(hooks),
                    classes,
                    components,
                    signer);
        }
    }

    private static String text(Attributes attributes, String name) {
        String value = attributes.getValue(name);
        return value == null ? "" : value;
    }

    private static List<ComponentFile> components(JarFile jar, String header) throws IOException {
        List<ComponentFile> found = new ArrayList<>();
        for (String path : header.split(",")) {
            var entry = path.isBlank() ? null : jar.getJarEntry(path.strip());
            if (entry == null) {
                continue;
            }
            try (InputStream in = jar.getInputStream(entry)) {
                ComponentFile component = ComponentFile.read(in);
                if (component.interfaces().stream().anyMatch(PluginJar::ofTheApi)) {
                    found.add(component);
                }
            }
        }
        return List.copyOf(found);
    }

    /** Whether a service is one that the core takes from plugins. */
    static boolean ofTheApi(String service) {
        return SERVICES.stream().anyMatch(service::startsWith);
    }

    private static void hooks(
            String plugin,
            Map<String, String> declared,
            List<ComponentFile> components,
            List<HookSpec> hooks,
            Map<String, String> classes)
            throws HouseException {
        String hook = declared.getOrDefault("name", "");
        String type = declared.getOrDefault("class", "");
        ComponentFile component = components.stream()
                .filter(c -> c.implementation().equals(type))
                .findFirst()
                .orElseThrow(() -> new HouseException(
                        "declares hook " + hook + " by class " + type + ", but no component provides it"));
        List<Stage> stages = component.interfaces().stream()
                .map(HookTypes::stage)
                .filter(Objects::nonNull)
                .toList();
        if (stages.isEmpty() || !hook.matches("[a-z0-9][a-z0-9._-]*")) {
            throw new HouseException("declares hook '" + hook + "' which has no stage or no proper name");
        }
        if (classes.putIfAbsent(hook, type) != null) {
            throw new HouseException("declares hook " + hook + " twice");
        }
        for (Stage stage : stages) {
            hooks.add(spec(plugin, hook, stage, declared, component.ranking()));
        }
    }

    private static HookSpec spec(String plugin, String hook, Stage stage, Map<String, String> declared, int ranking)
            throws HouseException {
        Set<Need> needs = EnumSet.noneOf(Need.class);
        words(declared.get("needs")).forEach(word -> needs.add(Need.valueOf(word)));
        if (stage == Stage.AUTH && !needs.contains(Need.SECRETS)) {
            throw new HouseException("declares hook " + hook
                    + " as an Authenticator without needs = SECRETS, so that it" + " could be given no credentials");
        }
        long timeout =
                Long.parseLong(declared.getOrDefault("timeoutMillis", "5000").strip());
        if (timeout < 1 || timeout > 300_000) {
            throw new HouseException("hook " + hook + " declares a budget of " + timeout + " ms (1 to 300000)");
        }
        String failure = declared.getOrDefault("onFailure", "DEFER").strip().toUpperCase(Locale.ROOT);
        return new HookSpec(
                hook,
                plugin,
                stage,
                words(declared.get("after")),
                words(declared.get("before")),
                ranking,
                needs,
                timeout,
                OnFailure.valueOf(failure));
    }

    private static List<String> words(@Nullable String list) {
        if (list == null || list.isBlank()) {
            return List.of();
        }
        List<String> words = new ArrayList<>();
        for (String word : list.split(",")) {
            if (!word.isBlank()) {
                words.add(word.strip());
            }
        }
        return words;
    }
}
