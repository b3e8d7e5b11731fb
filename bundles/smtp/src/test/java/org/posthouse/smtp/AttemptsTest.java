// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.posthouse.api.service.SharedState;
import org.posthouse.pipeline.spi.Conversation;

final class AttemptsTest {
    private static final Duration LIFE = Duration.ofSeconds(10);

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final MemoryCounters counters = new MemoryCounters(3, now::get);

    @Test
    void takeTheNetworkThatAClientCanPickAddressesFrom() throws Exception {
        assertEquals("network:192.0.2.1", network("192.0.2.1"));
        assertEquals(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assertNotEquals(network("2001:db8::1"), network("2001:db8:0:1::1"));
    }

    private static String network(String address) throws Exception {
        return Attempts.network(InetAddress.getByName(address));
    }

    @Test
    void countersLiveFromTheirFirstAddition() {
        assertEquals(1, counters.add("a", 1, LIFE));
        now.addAndGet(LIFE.toNanos() - 1);
        assertEquals(2, counters.add("a", 1, LIFE));
        now.addAndGet(1);
        assertEquals(0, counters.get("a"));
        assertEquals(1, counters.add("a", 1, LIFE));
    }

    @Test
    void countersAreBoundedAndForgetTheOldest() {
        for (String key : new String[] {"a", "b", "c", "d"}) {
            counters.add(key, 1, LIFE);
        }
        assertEquals(0, counters.get("a"));
        assertEquals(1, counters.get("d"));
    }

    @Test
    void seesAFailureThatCameBetweenTheLookAndTheEntry() throws Exception {
        InetSocketAddress peer = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 4000);
        String network = Attempts.network(peer.getAddress());
        counters.add(network, 2, LIFE);
        AtomicBoolean late = new AtomicBoolean(true);
        Attempts attempts = new Attempts(new SharedState.Counters() {
            @Override
            public long add(String key, long amount, Duration life) {
                return counters.add(key, amount, life);
            }

            @Override
            public long get(String key) {
                long before = counters.get(key);
                if (key.equals(network) && late.getAndSet(false)) {
                    counters.add(network, 1, LIFE);
                }
                return before;
            }
        });
        ListenerSettings settings = FakeServer.settings("SUBMISSION", "IMPLICIT", "", "", 0);
        Conversation nobody = (Conversation) Proxy.newProxyInstance(
                AttemptsTest.class.getClassLoader(),
                new Class<?>[] {Conversation.class},
                (proxy, method, arguments) -> null);
        try (Dialogue dialogue = new Dialogue("S", settings, peer, false, "TLSv1.3", nobody)) {
            assertEquals(Attempts.Entry.EXHAUSTED, attempts.enter(dialogue));
        }
    }

    @Test
    void countersGoOnWhenTheSharedStateFails() {
        SharedState broken = (SharedState) Proxy.newProxyInstance(
                AttemptsTest.class.getClassLoader(), new Class<?>[] {SharedState.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("no disk");
                });
        AttemptCounters both = new AttemptCounters(broken);
        both.add("a", 1, LIFE);
        assertEquals(2, both.add("a", 1, LIFE));
        assertEquals(2, both.get("a"));
    }

    @Test
    void countersSeeWhatOtherNodesCounted() {
        MemoryCounters elsewhere = new MemoryCounters(10, now::get);
        elsewhere.add("a", 7, LIFE);
        AttemptCounters both = new AttemptCounters(new SharedState() {
            @Override
            public <V> Table<V> table(String name, Class<V> type) {
                throw new UnsupportedOperationException(name);
            }

            @Override
            public Counters counters(String name) {
                return elsewhere;
            }
        });
        assertEquals(7, both.get("a"));
        assertEquals(8, both.add("a", 1, LIFE));
    }
}
