// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Outcome;
import org.posthouse.spool.spi.Spool;

/** Writes delivery status notices (RFC 3464); implemented by delivery. */
public interface NoticeWriter {
    /**
     * One notice to the sender about these recipients, as NOTIFY and the null reverse-path allow.
     *
     * @return nothing when no notice is due: NOTIFY=NEVER, or the message is itself a notice (RFC 5321 4.5.5)
     * @throws IOException when it could not be written
     */
    Optional<Ledger.Notice> write(Spool.Stored message, List<Line> lines) throws IOException;

    /** What became of one recipient. */
    record Line(int recipient, Action action, Outcome outcome) {}

    /** The Action field (RFC 3464 2.3.3). */
    enum Action {
        FAILED,
        DELAYED,
        DELIVERED,
        RELAYED,
        EXPANDED
    }
}
