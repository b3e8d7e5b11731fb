// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/** The custodian of a single node: owns everything, adds nothing, waits for nobody. */
final class Alone implements Custodian {
    private static final Pledge DONE = new Pledge() {
        private final CompletableFuture<Word> word = CompletableFuture.completedFuture(new Word(Word.Kind.ACCEPTED, 1));

        @Override
        public void kept() {}

        @Override
        public void broken() {}

        @Override
        public CompletableFuture<Word> word() {
            return word;
        }
    };

    @Override
    public String closed() {
        return "";
    }

    @Override
    public boolean owns(MessageId id) {
        return true;
    }

    @Override
    public String why(MessageId id) {
        return "";
    }

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
        return false;
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
    public Pledge admit(List<Spool.Stored> entering, @Nullable Draft octets, Change change) {
        return DONE;
    }

    @Override
    public Pledge alter(Turn turn, Change change) {
        return DONE;
    }

    @Override
    public boolean maySay(MessageId id, State state) {
        return true;
    }

    @Override
    public void land(MessageId id, List<Integer> recipients) {}

    @Override
    public boolean mayGo(MessageId id, List<Integer> recipients) {
        return true;
    }
}
