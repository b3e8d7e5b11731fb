// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.wiring.BundleWiring;

/** Swaps jars and configurations again and again while threads ask. */
@Timeout(600)
final class SwapStormTest {
    /** A thousand with {@code -Dposthouse.test.swaps=1000}. */
    private static final int SWAPS = Integer.getInteger("posthouse.test.swaps", 100);

    /** What stays of all swaps is nothing; this is the noise of two measurements. */
    private static final long MOST_OCTETS = 4L << 20;

    @TempDir
    private Path dir;

    private TestHouse house;
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong asked = new AtomicLong();
    private final Set<String> wrong = ConcurrentHashMap.newKeySet();
    private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        house = new TestHouse(dir);
    }

    @AfterEach
    void stop() throws Exception {
        over.set(true);
        house.close();
    }

    private void ask() {
        while (!over.get()) {
            String reply = house.mail();
            if (!reply.startsWith("550 5.7.1 ")) {
                wrong.add(reply);
            }
            asked.incrementAndGet();
        }
    }

    private void remember() {
        house.bundles()
                .forEach(bundle -> loaders.add(
                        new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader())));
    }

    /** The least of some measurements, for threads go on asking. */
    private static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    @Test
    void judgesEveryQuestionAndLetsAllOldClassLoadersGo() throws Exception {
        house.framework
                .configurations()
                .getConfiguration(HookRules.PIPELINE_PID, "?")
                .update(FrameworkUtil.asDictionary(Map.of("watch", 0L)));
        Path one = dir.resolve("one/tp.jar");
        Path two = dir.resolve("two/tp.jar");
        TestJar.write(one, "tp", "1.0.0");
        TestJar.write(two, "tp", "2.0.0");
        TestJar.write(house.jar, "tp", "0.0.1");
        house.settings.set("tp", "start");
        house.open();
        List<Thread> threads = List.of(new Thread(this::ask), new Thread(this::ask));
        threads.forEach(Thread::start);
        long before = 0;
        for (int i = 1; i <= SWAPS; i++) {
            if (i == SWAPS / 4) {
                before = used();
            }
            remember();
            if (i % 2 == 0) {
                house.settings.set("tp", "word" + i);
            } else {
                Path next = dir.resolve("next.jar");
                Files.copy(i % 4 == 1 ? one : two, next, StandardCopyOption.REPLACE_EXISTING);
                Files.move(next, house.jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                house.dropped();
            }
        }
        TestHouse.await(() -> house.mail().equals("550 5.7.1 2.0.0 word" + SWAPS));
        over.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(Set.of(), wrong);
        assertTrue(asked.get() > SWAPS);
        TestHouse.await(() -> house.bundles().size() == 1);
        ClassLoader last = house.bundles().get(0).adapt(BundleWiring.class).getClassLoader();
        TestHouse.await(() -> {
            System.gc();
            return loaders.stream().map(WeakReference::get).allMatch(loader -> loader == null || loader == last);
        });
        long grown = used() - before;
        assertTrue(grown < MOST_OCTETS, () -> grown + " octets more after " + SWAPS + " swaps");
        assertEquals(SWAPS, house.meters.get("posthouse.plugin.swaps").counter().count(), 0.1);
    }
}
