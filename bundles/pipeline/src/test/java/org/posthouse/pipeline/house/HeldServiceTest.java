// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

@Timeout(60)
final class HeldServiceTest {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch may = new CountDownLatch(1);
    private Framework framework;
    private BundleContext context;

    @BeforeEach
    void start(@TempDir Path dir) throws Exception {
        framework = new Framework(dir);
        context = framework.context();
    }

    @AfterEach
    void stop() throws Exception {
        framework.close();
    }

    /** A service that is constructed when the test says so. */
    private ServiceReference<?> slow() {
        return context.registerService(
                        Runnable.class,
                        new ServiceFactory<Runnable>() {
                            @Override
                            public Runnable getService(Bundle bundle, ServiceRegistration<Runnable> registration) {
                                asked.countDown();
                                try {
                                    may.await();
                                } catch (InterruptedException e) {
                                    throw new IllegalStateException(e);
                                }
                                return () -> {};
                            }

                            @Override
                            public void ungetService(
                                    Bundle bundle, ServiceRegistration<Runnable> registration, Runnable service) {}
                        },
                        null)
                .getReference();
    }

    @Test
    void givesBackWhatComesAfterItWasGivenUp() throws Exception {
        ServiceReference<?> reference = slow();
        HeldService service = new HeldService(context, reference);
        FutureTask<Object> taken = new FutureTask<>(() -> service.take("tp.Slow"));
        Thread.ofPlatform().start(taken);
        asked.await();
        service.giveUp();
        may.countDown();
        Throwable why = assertThrows(ExecutionException.class, taken::get).getCause();
        assertEquals("component tp.Slow came too late", why.getMessage());
        assertNull(reference.getUsingBundles());
    }

    @Test
    void givesBackWhatCameAtTheLastMoment() throws Exception {
        may.countDown();
        ServiceReference<?> reference = slow();
        HeldService service = new HeldService(context, reference);
        assertInstanceOf(Runnable.class, service.take("tp.Slow"));
        assertNotNull(reference.getUsingBundles());
        service.giveUp();
        assertNull(reference.getUsingBundles());
    }
}
