// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.offers;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.posthouse.admin.spi.OfferException;
import org.posthouse.admin.spi.OfferException.Kind;
import org.posthouse.api.operator.CommandException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs code of one service of a plugin on virtual threads: within a limit, a few at once, and whatever it throws. */
final class Caller {
    /** Threads that were abandoned count until they end, as those of a hook do. */
    private static final int MOST_AT_ONCE = 4;

    private static final Logger LOG = LoggerFactory.getLogger(Caller.class);

    private final Semaphore free = new Semaphore(MOST_AT_ONCE);

    /**
     * Asks.
     *
     * @param what who is asked, as the subject of a sentence
     * @throws OfferException why there is no answer
     */
    <T> T ask(String what, Duration limit, Callable<T> question) throws OfferException {
        if (!free.tryAcquire()) {
            throw new OfferException(Kind.OVERDUE, what + " is still busy with " + MOST_AT_ONCE + " calls before");
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().name("offer").start(() -> run(question, answer));
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            LOG.warn("{} did not answer within {} s", what, limit.toSeconds());
            throw new OfferException(Kind.OVERDUE, what + " did not answer within " + limit.toSeconds() + " s");
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw new OfferException(Kind.OVERDUE, "Interrupted while waiting for an answer");
        } catch (ExecutionException e) {
            throw why(what, e.getCause());
        }
    }

    private <T> void run(Callable<T> question, CompletableFuture<T> answer) {
        try {
            answer.complete(question.call());
        } catch (Throwable thrown) { // Errors too: a plugin must never hurt the server.
            answer.completeExceptionally(thrown);
        } finally {
            free.release();
        }
    }

    private static OfferException why(String what, @Nullable Throwable thrown) {
        if (thrown instanceof CommandException refused) {
            return new OfferException(Kind.REFUSED, String.valueOf(refused.getMessage()));
        }
        LOG.warn("{} failed", what, thrown);
        return new OfferException(Kind.FAILED, what + " failed; the log of the server says more");
    }
}
