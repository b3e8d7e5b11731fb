// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.posthouse.api.NewBody;

/** A body that a hook writes, in memory. */
public final class FakeBody implements NewBody {
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();

    FakeBody() {}

    @Override
    public OutputStream stream() {
        return octets;
    }

    @Override
    public long size() {
        return octets.size();
    }

    /** What was written, as UTF-8. */
    public String text() {
        return octets.toString(StandardCharsets.UTF_8);
    }
}
