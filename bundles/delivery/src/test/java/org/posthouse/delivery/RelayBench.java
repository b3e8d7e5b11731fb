// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.posthouse.api.Route;
import org.posthouse.delivery.client.Addresses;
import org.posthouse.delivery.client.Dialer;
import org.posthouse.delivery.client.PlainHosts;
import org.posthouse.delivery.client.StalledWrites;
import org.posthouse.delivery.client.Timeouts;
import org.posthouse.delivery.route.TestRoutes;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;

/** By hand: {@code RelayBench PORT LANES MESSAGES OCTETS} against a sink; prints messages, megabytes and CPU. */
public final class RelayBench {
    private RelayBench() {}

    public static void main(String[] args) throws InterruptedException {
        int port = Integer.parseInt(args[0]);
        int lanes = Integer.parseInt(args[1]);
        int messages = Integer.parseInt(args[2]);
        byte[] body = new byte[Integer.parseInt(args[3])];
        Arrays.fill(body, (byte) 'x');
        for (int i = 78; i < body.length; i += 80) {
            body[i - 1] = '\r';
            body[i] = '\n';
        }
        System.arraycopy("Subject: x\r\n\r\n".getBytes(), 0, body, 0, 14);
        Fakes.MemorySpool spool = new Fakes.MemorySpool();
        spool.standard = body;
        try (StalledWrites watch = new StalledWrites(Duration.ofMinutes(3))) {
            for (int round = 0; round < 3; round++) {
                measure(port, lanes, messages, body.length, spool, watch);
            }
        }
    }

    private static void measure(
            int port, int lanes, int messages, int octets, Fakes.MemorySpool spool, StalledWrites watch)
            throws InterruptedException {
        Addresses addresses = new Addresses(new FakeDns(), false);
        Dialer dialer = new Dialer(
                addresses, Timeouts.STANDARD, null, "us.test", true, new PlainHosts(Duration.ofMinutes(1)), watch);
        DeliveryMeters meters = new DeliveryMeters(new SimpleMeterRegistry());
        LongAdder delivered = new LongAdder();
        Ledger ledger = new CountingLedger(delivered);
        TestRoutes routes = TestRoutes.of(new FakeDns(), Set.of("us.test"));
        Courier courier = new Courier(
                new Fakes.PlainPipeline(),
                spool,
                ledger,
                dialer,
                routes.finder(),
                routes.book(),
                new Aftermath(ledger, (m, l) -> Optional.empty(), e -> {}, meters),
                meters,
                new Courier.Policy(100, 100, 1000, Duration.ofSeconds(1), Duration.ofSeconds(60)));
        AtomicInteger left = new AtomicInteger(messages);
        Route route = new Route("smtp", "127.0.0.1:" + port, "x.test", "bench");
        long cpu = cpu();
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < lanes; i++) {
            threads.add(Thread.ofVirtual().start(() -> courier.carry(new CountdownLane(left, route))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%d delivered, %.0f msg/s, %.1f MB/s, %.3f ms CPU per message%n",
                delivered.sum(),
                messages / seconds,
                messages * (double) octets / 1e6 / seconds,
                (cpu() - cpu) / 1e6 / messages);
    }

    private static long cpu() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private record CountingLedger(LongAdder delivered) implements Ledger {
        @Override
        public boolean intend(Parcel parcel, List<Integer> recipients) {
            return true;
        }

        @Override
        public void settle(Parcel parcel, List<Progress> next, List<Notice> notices) {
            next.stream().filter(p -> p.state().ended()).forEach(p -> delivered.increment());
        }

        @Override
        public void giveBack(Parcel parcel, java.time.Instant due) {
            throw new IllegalStateException("given back");
        }

        @Override
        public Optional<java.time.Instant> nextAttempt(Spool.Stored message, int attempts, java.time.Instant now) {
            return Optional.of(now.plusSeconds(60));
        }
    }

    private record CountdownLane(AtomicInteger left, Route route) implements Lane {
        @Override
        public Planner.Site site() {
            return new Planner.Site("bench", "bench");
        }

        @Override
        public Parcel next(Duration idle) {
            return left.getAndDecrement() > 0 ? Fakes.parcel(Fakes.stored("b@x.test"), route) : null;
        }

        @Override
        public void unreachable(Duration pause, String why) {
            throw new IllegalStateException(why);
        }
    }
}
