// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.notice;

import org.posthouse.queue.spi.NoticeWriter;
import org.posthouse.spool.spi.Spool;

/** Notices as the tests of other packages need them. */
public final class TestNotices {
    private TestNotices() {}

    public static NoticeWriter builder(Spool spool, String hostname) {
        return new NoticeBuilder(spool, hostname, 50_000);
    }
}
