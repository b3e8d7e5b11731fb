// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.posthouse.config.load.ConfigCommand;
import org.posthouse.config.load.Request;

/** The check of the configuration before a start, beside which bundles are installed but none is started. */
final class Checking {
    private record Result(int status, String report) {}

    private final CompletableFuture<Result> result;

    private Checking(CompletableFuture<Result> result) {
        this.result = result;
    }

    /** Begins it on a thread of its own. */
    static Checking begin(Request request) {
        return new Checking(CompletableFuture.supplyAsync(() -> {
            ByteArrayOutputStream report = new ByteArrayOutputStream();
            int status = ConfigCommand.check(request, new PrintStream(report, true, StandardCharsets.UTF_8));
            return new Result(status, report.toString(StandardCharsets.UTF_8));
        }));
    }

    /** Waits for its end, and prints findings only: that all is well is no news at a start. Returns the status. */
    int status() {
        Result end = result.join();
        if (end.status() != 0) {
            System.err.print(end.report());
        }
        return end.status();
    }
}
