// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.notice;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.delivery.DeliverySettings;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.NoticeWriter;
import org.posthouse.spool.spi.Spool;

/** The {@link NoticeBuilder} as a service. */
@Component(service = NoticeWriter.class)
public final class Notices implements NoticeWriter {
    private final NoticeBuilder builder;

    @Activate
    public Notices(@Reference Spool spool, @Reference DeliverySettings settings) {
        this.builder = new NoticeBuilder(spool, settings.hostname(), settings.noticeContentLimit());
    }

    @Override
    public Optional<Ledger.Notice> write(Spool.Stored message, List<Line> lines) throws IOException {
        try {
            return builder.write(message, lines);
        } catch (RuntimeException e) {
            // Whoever asks has an outcome to record, which a message that can not be reported on must not prevent.
            throw new IOException("The notice could not be written", e);
        }
    }
}
