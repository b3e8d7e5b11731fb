// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** The custodian that went away: what others have can not be told, so nothing may happen to any message. */
final class Away implements Custodian {
    private static final String GONE = "The cluster is configured, and its bundle is not there";

    @Override
    public String closed() {
        return GONE;
    }

    @Override
    public List<String> unfinished() {
        return List.of(GONE);
    }

    @Override
    public boolean owns(MessageId id) {
        return false;
    }

    @Override
    public String why(MessageId id) {
        return GONE;
    }

    /** Nobody knows whose they are: a person may look at them. */
    @Override
    public boolean shows(MessageId id) {
        return true;
    }

    @Override
    public Spool.Counts shown(Spool.Counts all) {
        return all;
    }

    @Override
    public boolean shared(MessageId id) {
        return true;
    }

    @Override
    public long epoch(MessageId id) {
        return 0;
    }

    @Override
    public boolean isDoubted(MessageId id, int recipient) {
        return false;
    }

    @Override
    public State doubted() {
        return State.DEFERRED;
    }

    @Override
    public Pledge admit(List<Spool.Stored> entering, @Nullable Draft octets, Change change) throws SpoolException {
        throw new SpoolException(SpoolException.Kind.SICK, GONE);
    }

    @Override
    public Pledge alter(Turn turn, Change change) throws SpoolException {
        throw new SpoolException(SpoolException.Kind.SICK, GONE);
    }

    /** Nobody knows: the outcome waits in {@link #alter}. */
    @Override
    public boolean maySay(MessageId id, State state) {
        return true;
    }

    @Override
    public void land(MessageId id, List<Integer> recipients) {}

    @Override
    public boolean mayGo(MessageId id, List<Integer> recipients) {
        return false;
    }
}
