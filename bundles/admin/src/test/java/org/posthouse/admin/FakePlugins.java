// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Plugins;

/** Two plugins, of which one is missing and one refuses to be removed. */
public final class FakePlugins implements Plugins {
    private final List<String> diary = new ArrayList<>();

    /** What was done, one line each. */
    public synchronized List<String> diary() {
        return List.copyOf(diary);
    }

    @Override
    public List<Plugin> list() {
        return List.of(
                new Plugin("block-sender", "1.0.0", "active", "3@1a2b3c4d", "", List.of("block-sender")),
                new Plugin(
                        "greylist",
                        "",
                        "missing",
                        "",
                        "the jar is gone; 'posthouse plugin remove greylist' accepts that <now>",
                        List.of("greylist")));
    }

    @Override
    public boolean hasPrevious(String plugin) {
        return plugin.equals("block-sender");
    }

    @Override
    public List<HookLine> order() {
        return List.of(
                new HookLine(
                        Stage.MAIL,
                        1,
                        "block-sender",
                        "block-sender",
                        "1.0.0",
                        "3@1a2b3c4d",
                        "enforce",
                        95,
                        "half-open",
                        2,
                        32,
                        5000,
                        "defer",
                        1234,
                        1,
                        12.5,
                        0),
                new HookLine(
                        Stage.MAIL,
                        1,
                        "block-sender",
                        "block-sender",
                        "1.1.0",
                        "4@99887766",
                        "enforce",
                        5,
                        "closed",
                        0,
                        32,
                        5000,
                        "defer",
                        65,
                        0,
                        14.1,
                        0),
                new HookLine(
                        Stage.RCPT,
                        1,
                        "greylist",
                        "greylist",
                        "",
                        "",
                        "missing",
                        100,
                        "none",
                        0,
                        0,
                        5000,
                        "defer",
                        0,
                        0,
                        0,
                        0));
    }

    @Override
    public synchronized void disable(String plugin) {
        diary.add("disable " + plugin);
    }

    @Override
    public synchronized void enable(String plugin) {
        diary.add("enable " + plugin);
    }

    @Override
    public synchronized void remove(String plugin) throws PluginException {
        if (plugin.equals("block-sender")) {
            throw new PluginException("its jar can not be deleted");
        }
        diary.add("remove " + plugin);
    }

    /** A file that begins with {@code jar } is a plugin called by the word behind that. */
    @Override
    public Profile inspect(Path jar) throws PluginException {
        String text;
        try {
            text = Files.readString(jar);
        } catch (IOException e) {
            throw new PluginException("can not be read");
        }
        if (!text.startsWith("jar ")) {
            throw new PluginException("is no plugin: <no manifest>");
        }
        return profile(text.substring(4).strip(), "2.0.0", List.of());
    }

    @Override
    public synchronized Plugin install(Path jar) throws PluginException {
        String name = inspect(jar).name();
        diary.add("install " + name);
        return new Plugin(name, "2.0.0", "active", "4@99887766", "", List.of(name));
    }

    @Override
    public Profile show(String plugin) {
        Instant began = Instant.parse("2026-11-25T08:00:00Z");
        return profile(
                plugin,
                "1.0.0",
                List.of(
                        new Standing("3@1a2b3c4d", "1.0.0", "in force", 95, began, 1234, 1, 12.5),
                        new Standing("4@99887766", "1.1.0", "canary", 5, began.plusSeconds(3600), 65, 0, 14.1),
                        new Standing("2@00112233", "0.9.0", "previous", 0, began.minusSeconds(86400), 98765, 3, 11)));
    }

    private static Profile profile(String name, String version, List<Standing> generations) {
        return new Profile(
                name,
                version,
                "1a2b3c4d".repeat(8),
                "CN=Example <Signer>",
                List.of(new Declared(
                        name, Stage.MAIL, List.of("PEER", "EDIT_HEADERS"), List.of("spf"), List.of(), 5000, "DEFER")),
                List.of("Command", "Page"),
                Map.of(
                        "network", List.of("org.example.Fetch", "org.example.Push<T>"),
                        "files", List.of("org.example.Cache")),
                generations);
    }

    /** What keeps plugins from serving. */
    public volatile Map<String, String> troubles = Map.of();

    @Override
    public Map<String, String> troubles() {
        return troubles;
    }

    @Override
    public String withdrawn(String plugin) {
        return "";
    }

    @Override
    public synchronized Plugin rollback(String plugin) throws PluginException {
        if (plugin.equals("greylist")) {
            throw new PluginException("there is no earlier jar of greylist");
        }
        diary.add("rollback " + plugin);
        return list().getFirst();
    }
}
