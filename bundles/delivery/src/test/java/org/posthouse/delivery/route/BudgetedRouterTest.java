// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.hook.Router;

@Timeout(30)
final class BudgetedRouterTest {
    private static final Address SENDER = Address.of("a@src.example");
    private static final Recipient RECIPIENT = Recipient.of(Address.of("b@dst.example"));

    private static String failure(Router router) {
        return String.valueOf(assertThrows(IllegalStateException.class, () -> router.route(SENDER, RECIPIENT))
                .getMessage());
    }

    @Test
    void saysWhatTheRouterSays() {
        assertEquals(Optional.empty(), new BudgetedRouter((s, r) -> Optional.empty()).route(SENDER, RECIPIENT));
        Router broken = new BudgetedRouter((s, r) -> {
            throw new StackOverflowError("bad");
        });
        assertTrue(failure(broken).endsWith(" failed"));
    }

    @Test
    void doesNotAskOneWhoseThreadsAreOverdueUntilTheyEnd() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        Router slow = new BudgetedRouter(
                (s, r) -> {
                    asked.incrementAndGet();
                    while (go.getCount() > 0) {
                        Thread.interrupted();
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                    }
                    return Optional.empty();
                },
                Duration.ofMillis(50));
        for (int i = 0; i < 4; i++) {
            assertTrue(failure(slow).contains("did not answer"));
        }
        assertTrue(failure(slow).contains("is not asked"));
        assertEquals(4, asked.get());
        go.countDown();
        while (true) {
            try {
                assertEquals(Optional.empty(), slow.route(SENDER, RECIPIENT));
                return;
            } catch (IllegalStateException stillOverdue) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
    }
}
