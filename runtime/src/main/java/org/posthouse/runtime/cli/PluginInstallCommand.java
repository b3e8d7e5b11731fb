// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code posthouse plugin install FILE}: shows what a jar is and may do, asks, and installs it. The file is sent once, so
 * that what is installed is what was shown.
 */
@Command(name = "install", description = "Shows what a jar is and may do, asks, and installs it.")
final class PluginInstallCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private final ApiOptions options = new ApiOptions();

    @Parameters(paramLabel = "FILE", description = "The jar.")
    private @Nullable Path file;

    @Option(names = "--yes", description = "Does not ask.")
    private boolean yes;

    @Option(
            names = "--everywhere",
            description = "On all members of the cluster: one is watched, then the others follow; on all or on none.")
    private boolean everywhere;

    @Option(
            names = "--first",
            paramLabel = "NODE",
            description = "With --everywhere: the member that takes it first; by default the one that is asked.")
    private String first = "";

    @Option(
            names = "--skip-missing",
            description = "With --everywhere: goes on without the members that do not answer.")
    private boolean skipMissing;

    PluginInstallCommand() {
        this(Terminal.OWN);
    }

    PluginInstallCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return options.run((api, out) -> {
            if (file == null || !Files.isRegularFile(file)) {
                throw new ApiException("There is no file " + file);
            }
            if (!everywhere && (skipMissing || !first.isEmpty())) {
                throw new ApiException("--first and --skip-missing need --everywhere");
            }
            String upload = api.upload(file);
            try {
                return install(api, upload, out);
            } catch (ApiException e) {
                forget(api, upload);
                throw e;
            }
        });
    }

    private boolean install(ApiClient api, String upload, PrintWriter out) throws ApiException {
        JsonNode profile = api.post("/plugins?dryRun=true&upload=" + Paths.segment(upload), "");
        if (!options.json()) {
            Profiles.print(profile, out);
            out.println();
            out.flush();
        }
        if (!yes && !agreed()) {
            api.delete("/uploads/" + Paths.segment(upload), "");
            throw new ApiException("Nothing was installed");
        }
        if (everywhere) {
            JsonNode begun = api.post(
                    "/plugins?upload=" + Paths.segment(upload) + "&scope=cluster" + Paths.parameter("first", first)
                            + (skipMissing ? "&skipMissing=true" : ""),
                    "");
            return new RolloutProgress(api, out, options.json()).follow(begun);
        }
        JsonNode plugin = api.post("/plugins?upload=" + Paths.segment(upload), "");
        out.println(
                options.json()
                        ? plugin.toString()
                        : Table.clean(
                                plugin.path("name").asText() + ": installed, " + Profiles.standing(plugin), false));
        return true;
    }

    private boolean agreed() throws ApiException {
        if (!terminal.present()) {
            throw new ApiException("There is no terminal to ask at: --yes installs it without a question");
        }
        String answer = terminal.ask("Install it? [y/N] ");
        return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y(es)?");
    }

    /** What is not installed would wait there in vain. */
    private void forget(ApiClient api, String upload) {
        try {
            api.delete("/uploads/" + Paths.segment(upload), "");
        } catch (ApiException gone) {
            // It was used up, or the server is gone: either way nothing is left to drop, and the first reason counts.
            return;
        }
    }
}
