// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import org.posthouse.spool.spi.Copies;
import org.posthouse.spool.spi.Records;
import org.posthouse.spool.spi.Spool;

/** A spool as it ships, for tests of what is built on it. */
public final class Disk implements AutoCloseable {
    private static final Settings SMALL = new Settings(64_000, 1_000, 0, 1_000_000, 0, 1_000_000, 8_000_000, 8_000_000);

    private final RocksSpool spool;

    public Disk(Path folder) throws IOException {
        spool = new RocksSpool(new RocksSpool.Parts(
                folder, SMALL, new Meters(new SimpleMeterRegistry()), entry -> {}, () -> Long.MAX_VALUE, Faults.NONE));
    }

    public Spool spool() {
        return spool;
    }

    public Records records() {
        return spool.records();
    }

    public Copies copies() {
        return spool.copies();
    }

    @Override
    public void close() throws IOException {
        spool.close();
    }
}
