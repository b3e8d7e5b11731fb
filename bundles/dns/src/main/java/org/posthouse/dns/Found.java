// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import java.util.List;
import org.posthouse.api.service.Dns.Status;
import org.xbill.DNS.Record;

/**
 * What the servers said to one question, aliases followed.
 *
 * @param ttl seconds it may be kept, 0 for not at all
 */
record Found(Status status, List<Record> records, boolean authentic, long ttl) {
    static final Found TEMPORARY = new Found(Status.TEMPORARY, List.of(), false, 0);
    static final Found NO_NAME = new Found(Status.NO_NAME, List.of(), false, 0);

    Found {
        records = List.copyOf(records);
    }
}
