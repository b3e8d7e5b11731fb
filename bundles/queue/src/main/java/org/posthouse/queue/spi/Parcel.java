// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.util.List;
import org.posthouse.api.Route;
import org.posthouse.spool.spi.Spool;

/**
 * Recipients of one message on their way to one site.
 *
 * @param message the message as it was loaded
 * @param site where it goes
 * @param route by which route
 * @param recipients numbers of recipients, in order
 */
public record Parcel(Spool.Stored message, Planner.Site site, Route route, List<Integer> recipients) {
    public Parcel {
        recipients = List.copyOf(recipients);
    }
}
