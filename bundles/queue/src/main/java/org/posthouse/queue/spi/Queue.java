// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** The queue of this node as the operator sees it; where there is a cluster, the messages that this node owns. */
public interface Queue {
    /** Messages in the order of arrival behind the cursor that fit the filter. */
    Page list(Filter filter, @Nullable MessageId after, int most) throws SpoolException;

    /** One message. */
    Optional<Spool.Stored> show(MessageId id) throws SpoolException;

    /** Messages and recipients by state, exact. */
    Spool.Counts counts();

    /** Waiting parcels and open connections by site, for people. */
    List<SiteLine> sites();

    /** Holds all recipients that are waiting; returns how many recipients changed. */
    int hold(MessageId id, String reason, String who) throws SpoolException;

    /** Releases held recipients; they are due at once. */
    int release(MessageId id, String who) throws SpoolException;

    /** Makes waiting recipients due at once. */
    int retry(MessageId id, String who) throws SpoolException;

    /** Deletes all recipients that have not ended; with a notice to the sender when asked for. */
    int delete(MessageId id, boolean notice, String who) throws SpoolException;

    /** What to list: every given field must fit. */
    record Filter(@Nullable State state, String sender, String recipient) {
        /** Everything. */
        public static final Filter ALL = new Filter(null, "", "");
    }

    /** A page and the cursor of the next one, null when there is none. */
    record Page(List<Spool.Stored> messages, @Nullable MessageId next) {
        public Page {
            messages = List.copyOf(messages);
        }
    }

    /** One site: what waits, what runs, and why it pauses. */
    record SiteLine(String name, int waiting, int connections, String pause, Map<String, Long> facts) {
        public SiteLine {
            facts = Map.copyOf(facts);
        }
    }
}
