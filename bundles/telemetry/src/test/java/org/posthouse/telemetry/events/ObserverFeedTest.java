// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Event;

class ObserverFeedTest {
    private static final Event EVENT = Event.of(Event.Type.ADMIN).build();

    @Test
    void anObserverThatThrowsSeesTheNextEvent() throws InterruptedException {
        BlockingQueue<Event> seen = new LinkedBlockingQueue<>();
        ObserverFeed feed = new ObserverFeed(
                event -> {
                    seen.add(event);
                    throw new NoClassDefFoundError("gone");
                },
                10,
                lost -> {});
        feed.start();
        feed.offer(EVENT);
        feed.offer(EVENT);
        assertEquals(EVENT, seen.poll(10, TimeUnit.SECONDS));
        assertEquals(EVENT, seen.poll(10, TimeUnit.SECONDS));
        feed.stop();
    }

    @Test
    void anObserverThatHangsLosesEventsAndHoldsNobody() throws InterruptedException {
        AtomicLong lost = new AtomicLong();
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        ObserverFeed feed = new ObserverFeed(
                event -> {
                    called.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        ended.countDown();
                    }
                },
                2,
                lost::addAndGet);
        feed.start();
        feed.offer(EVENT);
        assertTrue(called.await(10, TimeUnit.SECONDS));
        for (int i = 0; i < 5; i++) {
            feed.offer(EVENT);
        }
        assertEquals(3, lost.get());
        feed.stop();
        assertTrue(ended.await(10, TimeUnit.SECONDS));
    }

    @Test
    void complainsOnceAMinute() {
        AtomicLong clock = new AtomicLong();
        AtomicInteger complaints = new AtomicInteger();
        Seldom seldom = new Seldom(clock::get);
        seldom.run(complaints::incrementAndGet);
        clock.addAndGet(TimeUnit.SECONDS.toNanos(59));
        seldom.run(complaints::incrementAndGet);
        assertEquals(1, complaints.get());
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
        seldom.run(complaints::incrementAndGet);
        assertEquals(2, complaints.get());
    }
}
