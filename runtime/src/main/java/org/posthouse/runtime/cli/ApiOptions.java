// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.posthouse.config.load.ConfigCommand;
import org.posthouse.runtime.ConfigOptions;
import org.posthouse.runtime.Home;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The options that say which server is asked. Without {@code --url} and {@code --token-file} it is the one whose data
 * folder the configuration names: it leaves its address in {@code run/api-url} and its token in {@code secrets/api-token}.
 */
final class ApiOptions {
    private static final int FAILED = 1;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Mixin
    private final ConfigOptions config = new ConfigOptions();

    @Option(names = "--url", paramLabel = "URL", description = "The server, such as http://127.0.0.1:12080.")
    private @Nullable String url;

    @Option(names = "--token-file", paramLabel = "FILE", description = "The file with the API token.")
    private @Nullable Path tokenFile;

    @Option(names = "--json", description = "Prints the server's JSON as it is.")
    private boolean json;

    /** Something that asks the server and prints; says whether all of it succeeded. */
    @FunctionalInterface
    interface Work {
        /** Does it. */
        boolean run(ApiClient api, PrintWriter out) throws ApiException;
    }

    /** Whether JSON is wanted. */
    boolean json() {
        return json;
    }

    /** Runs the work; the status is 0, or 1 after a line on the standard error stream. */
    int run(Work work) {
        try {
            PrintWriter out = spec().commandLine().getOut();
            boolean good = work.run(client(), out);
            out.flush();
            return good ? 0 : FAILED;
        } catch (ApiException e) {
            complain(e);
            return FAILED;
        }
    }

    /** Prints what the operator should know of an answer. */
    void warn(String sentence) {
        PrintWriter err = spec().commandLine().getErr();
        err.println("posthouse: " + Table.clean(sentence, false));
        err.flush();
    }

    /** Prints why something failed. */
    void complain(ApiException e) {
        PrintWriter err = spec().commandLine().getErr();
        Table.clean(e.reason(), true).lines().forEach(line -> err.println("posthouse: " + line));
        err.flush();
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("These options belong to no command");
        }
        return spec;
    }

    /** The server that is meant. */
    ApiClient client() throws ApiException {
        Path file = tokenFile == null ? data().resolve("secrets").resolve("api-token") : tokenFile;
        String token = read(file);
        return new ApiClient(url == null ? address() : url, token);
    }

    private Path data() {
        return ConfigCommand.dataDir(config.request(Home.fromSystem()));
    }

    private static String read(Path file) throws ApiException {
        try {
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (NoSuchFileException e) {
            throw new ApiException("There is no API token at " + file + ": has the server run with this data folder?");
        } catch (AccessDeniedException e) {
            throw new ApiException("The API token at " + file + " is for the user of the server alone");
        } catch (IOException e) {
            throw new ApiException("The API token at " + file + " can not be read: " + e.getMessage());
        }
    }

    private String address() throws ApiException {
        Path file = data().resolve("run").resolve("api-url");
        try {
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new ApiException("There is no " + file + " that tells where the server is: name it with --url");
        }
    }
}
