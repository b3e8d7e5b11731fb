// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Route;
import org.posthouse.api.hook.Router;

/** A router of a plugin, asked on a thread of its own for a bounded time: the one who plans is there for everybody's mail. */
final class BudgetedRouter implements Router {
    private static final Duration BUDGET = Duration.ofSeconds(5);

    /** With so many that are late and still run it is not asked. */
    private static final int MOST_LATE = 4;

    private final Router router;
    private final Duration budget;
    private final AtomicInteger late = new AtomicInteger();

    BudgetedRouter(Router router) {
        this(router, BUDGET);
    }

    BudgetedRouter(Router router, Duration budget) {
        this.router = router;
        this.budget = budget;
    }

    /**
     * What the router says.
     *
     * @throws IllegalStateException when it says nothing, whatever the reason
     */
    @Override
    public Optional<Route> route(Address sender, Recipient recipient) {
        if (late.get() >= MOST_LATE) {
            throw new IllegalStateException(name() + " is not asked: " + late + " of its threads are overdue");
        }
        CompletableFuture<Optional<Route>> said = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().name("router").start(() -> {
            try {
                said.complete(router.route(sender, recipient));
            } catch (Throwable e) { // It is code of a plugin; who waits hears of it.
                said.completeExceptionally(e);
            }
            if (said.isCancelled()) {
                late.decrementAndGet();
            }
        });
        try {
            return said.get(budget.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(name() + " failed", e.getCause());
        } catch (TimeoutException e) {
            giveUp(said, thread);
            throw new IllegalStateException(name() + " did not answer in " + budget, e);
        } catch (InterruptedException e) {
            giveUp(said, thread);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while " + name() + " was asked", e);
        }
    }

    private void giveUp(CompletableFuture<Optional<Route>> said, Thread thread) {
        late.incrementAndGet();
        if (said.cancel(false)) {
            thread.interrupt();
        } else {
            // It came to an end in this very moment.
            late.decrementAndGet();
        }
    }

    private String name() {
        return "Router " + router.getClass().getName();
    }
}
