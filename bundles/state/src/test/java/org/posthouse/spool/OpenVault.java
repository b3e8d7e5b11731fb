// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.Vault;

/** A real spool for the tests of another bundle, opened as its component does it. */
public final class OpenVault implements AutoCloseable {
    private final RocksSpool spool;

    /** Opens it in this folder. */
    public OpenVault(Path folder) throws IOException {
        spool = new RocksSpool(new RocksSpool.Parts(
                folder,
                Settings.DEFAULT,
                new Meters(new SimpleMeterRegistry()),
                entry -> {},
                () -> Long.MAX_VALUE,
                Faults.NONE));
    }

    /** Its vault. */
    public Vault vault() {
        return spool.vault();
    }

    /** Its messages. */
    public Spool spool() {
        return spool;
    }

    @Override
    public void close() throws IOException {
        spool.close();
    }
}
