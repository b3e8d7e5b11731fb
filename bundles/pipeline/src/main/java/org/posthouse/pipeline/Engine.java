// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import org.posthouse.spool.spi.Spool;

/**
 * What every stage works with.
 *
 * @param snapshots the orders in force
 * @param spool where new bodies are written
 * @param failures who is told of failures
 * @param hostname our name in results of checks
 */
public record Engine(Snapshots snapshots, Spool spool, Failures failures, String hostname) {}
