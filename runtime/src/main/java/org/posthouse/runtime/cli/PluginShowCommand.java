// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code posthouse plugin show NAME}: what a plugin declares, what its code uses, and its generations. */
@Command(name = "show", description = "What it declares, what its code uses, and its generations.")
final class PluginShowCommand implements Callable<Integer> {
    @Mixin
    private final ApiOptions options = new ApiOptions();

    @Parameters(paramLabel = "NAME", description = "The plugin.")
    private String name = "";

    @Override
    public Integer call() {
        return options.run((api, out) -> {
            JsonNode plugin = api.get("/plugins/" + Paths.segment(name));
            if (options.json()) {
                out.println(plugin);
            } else {
                Profiles.print(plugin, out);
            }
            return true;
        });
    }
}
