// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.nio.file.Path;
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
                        100,
                        "closed",
                        0,
                        0,
                        5000,
                        "defer",
                        1234,
                        1,
                        12.5,
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

    @Override
    public Profile inspect(Path jar) throws PluginException {
        throw new PluginException("is no plugin");
    }

    @Override
    public synchronized Plugin install(Path jar) {
        diary.add("install");
        return list().getFirst();
    }

    @Override
    public Profile show(String plugin) {
        return new Profile(plugin, "1.0.0", "1a2b3c4d", "", List.of(), List.of(), Map.of(), List.of());
    }

    @Override
    public synchronized Plugin rollback(String plugin) {
        diary.add("rollback " + plugin);
        return list().getFirst();
    }
}
