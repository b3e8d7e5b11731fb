// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.posthouse.api.Verdict;

/**
 * The milters as one SMTP session meets them, asked in order; a note of the session, closed with it.
 *
 * <p>The end of a transaction is told on a thread of the core's, at which the next one may have begun already: the lock and
 * the id keep one from ending the other.
 */
final class Round implements AutoCloseable {
    private final ReentrantLock turn = new ReentrantLock();
    private final List<Party> parties;
    private final Client client;
    private final Set<Round> all;
    private String transaction = "";
    private volatile boolean over;

    /**
     * A round.
     *
     * @param all where it stands until it is closed
     */
    Round(List<Party> parties, Client client, Set<Round> all) {
        this.parties = parties;
        this.client = client;
        this.all = all;
        all.add(this);
    }

    Client client() {
        return client;
    }

    /** A question to one milter. */
    @FunctionalInterface
    interface Question {
        Verdict ask(Party party) throws IOException;
    }

    /** Begins a transaction: puts the question to each milter until one refuses. */
    Verdict begin(String id, Question question) throws IOException {
        return locked(() -> {
            transaction = id;
            return inTurn(question);
        });
    }

    /** Puts the question to each milter until one refuses. */
    Verdict ask(Question question) throws IOException {
        return locked(() -> inTurn(question));
    }

    /** Work under the lock. */
    @FunctionalInterface
    private interface Work {
        Verdict run() throws IOException;
    }

    private Verdict locked(Work work) throws IOException {
        try {
            turn.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before its turn", e);
        }
        try {
            return work.run();
        } finally {
            turn.unlock();
        }
    }

    private Verdict inTurn(Question question) throws IOException {
        Verdict answer = Verdict.next();
        for (Party party : parties) {
            if (over) {
                throw new IOException("the session is over");
            }
            Verdict verdict = question.ask(party);
            if (verdict instanceof Verdict.Discard && answer instanceof Verdict.Hold) {
                // Held mail may be released: milters behind this one are to see it.
                continue;
            }
            if (verdict instanceof Verdict.Refusal || verdict instanceof Verdict.Discard) {
                return verdict;
            }
            answer = verdict instanceof Verdict.Hold || answer.reason().isEmpty() ? verdict : answer;
        }
        return answer;
    }

    /** A transaction is over; what milters still have of it is nothing any more. */
    void ended(String id) {
        turn.lock();
        try {
            if (transaction.equals(id)) {
                transaction = "";
                parties.forEach(Party::abort);
            }
        } finally {
            turn.unlock();
        }
    }

    @Override
    public void close() {
        // A question that is being put is not put to the next milter any more.
        over = true;
        turn.lock();
        try {
            parties.forEach(Party::leave);
        } finally {
            turn.unlock();
            all.remove(this);
        }
    }
}
