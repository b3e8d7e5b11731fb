// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.queue.House.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.House.End;
import org.posthouse.queue.House.Script;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;

/**
 * Mail, operators, failing sites, a failing disk and a scheduler that is replaced, all at random; afterwards every
 * recipient must have ended exactly once.
 */
@Timeout(120)
class RandomScheduleTest {
    /** Ends each recipient at random, and remembers how. */
    private static final class Dice implements Script {
        private final Random random;
        final Map<String, AtomicInteger> ends = new ConcurrentHashMap<>();

        Dice(long seed) {
            random = new Random(seed);
        }

        private int roll() {
            synchronized (random) {
                return random.nextInt(100);
            }
        }

        @Override
        public boolean before(Lane lane, Parcel parcel) {
            int roll = roll();
            if (roll < 3) {
                lane.unreachable(Duration.ofMillis(200), "refused");
                return false;
            }
            if (roll == 3) {
                throw new IllegalStateException("the courier broke");
            }
            return roll > 10;
        }

        @Override
        public void inTransit(Parcel parcel) {
            for (int i = roll(); i > 0; i--) {
                Thread.yield();
            }
        }

        @Override
        public End end(Parcel parcel, int recipient) {
            int roll = roll();
            if (roll < 30) {
                return End.DEFER;
            }
            ends.computeIfAbsent(parcel.message().envelope().id() + "/" + recipient, k -> new AtomicInteger())
                    .incrementAndGet();
            return roll < 40 ? End.FAIL : End.DELIVER;
        }
    }

    private final Map<MessageId, Integer> accepted = new HashMap<>();
    private final Map<MessageId, Integer> doubtful = new HashMap<>();
    private final Set<MessageId> deleted = new HashSet<>();
    private final List<MessageId> ids = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyRecipientEndsExactlyOnce(long seed) throws Exception {
        Random random = new Random(seed);
        Settings q = House.QUICK;
        Settings tight =
                new Settings(q.retry(), q.expire(), 12, 3, 2, Duration.ZERO, seed % 2 == 0 ? 64 : 1000, q.maxOctets());
        House house = House.open(new FakeSpool(), tight);
        Dice dice = new Dice(seed);
        house.script = dice;
        for (int i = 0; i < 1500; i++) {
            step(house, random);
        }
        // What is broken is mended; the dice still decide how each recipient ends.
        await("everything ended", () -> {
            if (!house.spool.condition().working()) {
                house.spool.heal();
            }
            releaseAll(house);
            house.pass(Duration.ofSeconds(30));
            return house.spool.messages() == 0;
        });
        house.quiet();
        clearIndex(house);
        house.awaitEmpty();
        accepted.forEach((id, recipients) -> check(dice, id, recipients, deleted.contains(id)));
        doubtful.forEach((id, recipients) -> check(dice, id, recipients, true));
        assertTrue(house.deliveries() > 500, "delivered: " + house.deliveries());
        house.close();
    }

    /**
     * A change that was begun before the store was opened anew may have ended a message by an entry that was lost then, and
     * left the one that was not. Nothing is read by it but the entry itself, which goes when it is due.
     */
    private static void clearIndex(House house) {
        house.spool.sicken();
        house.spool.heal();
        await("no entry of the due index is left", () -> {
            house.pass(Duration.ofSeconds(30));
            return house.spool.index().isEmpty();
        });
    }

    private static void check(Dice dice, MessageId id, int recipients, boolean mayBeNone) {
        for (int r = 0; r < recipients; r++) {
            AtomicInteger ends = dice.ends.getOrDefault(id + "/" + r, new AtomicInteger());
            assertTrue(ends.get() == 1 || mayBeNone && ends.get() == 0, id + "/" + r + " ended " + ends + " times");
        }
    }

    private void step(House house, Random random) {
        int roll = random.nextInt(1000);
        try {
            if (roll < 600 || ids.isEmpty()) {
                accept(house, random);
            } else if (roll < 970) {
                verb(house, random, ids.get(ids.size() - 1 - random.nextInt(Math.min(ids.size(), 60))));
            } else if (roll < 980) {
                house.pass(Duration.ofSeconds(1));
            } else if (roll < 985) {
                house.stop();
                house.start();
            } else if (roll < 993) {
                house.spool.failNext(new FakeSpool.Fault(c -> true, random.nextBoolean(), SpoolException.Kind.SICK));
            } else {
                house.spool.heal();
            }
        } catch (SpoolException e) {
            assertEquals(SpoolException.Kind.SICK, e.kind());
            if (random.nextInt(3) == 0) {
                house.spool.heal();
            }
        }
    }

    private void accept(House house, Random random) throws SpoolException {
        String[] recipients = new String[1 + random.nextInt(6)];
        for (int i = 0; i < recipients.length; i++) {
            recipients[i] = "bob" + i + "@site" + random.nextInt(8) + ".example";
        }
        Sealed.Admission admission = house.admission(recipients);
        MessageId id = admission.envelope().id();
        try {
            house.intake.accept(List.of(admission), null);
            accepted.put(id, recipients.length);
            ids.add(id);
        } catch (SpoolException e) {
            doubtful.put(id, recipients.length);
            throw e;
        }
    }

    private void verb(House house, Random random, MessageId id) throws SpoolException {
        switch (random.nextInt(6)) {
            case 0, 1 -> house.queue.hold(id, "", "op");
            case 2, 3 -> house.queue.release(id, "op");
            case 4 -> house.queue.retry(id, "op");
            default -> {
                deleted.add(id);
                house.queue.delete(id, false, "op");
            }
        }
    }

    private static void releaseAll(House house) {
        for (Spool.Stored message : house.spool.list(null, 10_000)) {
            try {
                house.queue.release(message.envelope().id(), "op");
            } catch (SpoolException e) {
                house.spool.heal();
            }
        }
    }
}
