// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import org.posthouse.pipeline.trace.ShadowReports;
import org.posthouse.pipeline.trace.Tracer;
import org.posthouse.spool.spi.Spool;

/**
 * What every stage works with.
 *
 * @param snapshots the orders in force
 * @param spool where new bodies are written
 * @param failures who is told of failures
 * @param hostname our name in results of checks
 * @param tracer who remembers what hooks said
 * @param shadows who counts what did not count
 * @param tapes who records transactions
 */
public record Engine(
        Snapshots snapshots,
        Spool spool,
        Failures failures,
        String hostname,
        Tracer tracer,
        ShadowReports shadows,
        Tapes tapes) {
    /** An engine that remembers nothing. */
    public Engine(Snapshots snapshots, Spool spool, Failures failures, String hostname) {
        this(snapshots, spool, failures, hostname, Tracer.off(), new ShadowReports(event -> {}), Tapes.none());
    }
}
