// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the open store. After an error of the disk it closes the store, opens it again and has it read anew, until that
 * succeeds: a failed sync is never just repeated, for the kernel may have dropped what it could not write.
 */
final class Keeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
    private static final long FIRST_PAUSE = 100;
    private static final long LONGEST_PAUSE = 10_000;

    /** Something done with the open store, on a platform thread. */
    interface Task<T> {
        T run(Store store) throws RocksDBException, SpoolException;
    }

    /** Opens the store. */
    interface Opener {
        Store open(boolean distrust) throws RocksDBException, IOException;
    }

    /** Reads what must be known of a store that was opened, before anybody uses it. */
    interface Reader {
        void read(Store store) throws RocksDBException, SpoolException;
    }

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final AtomicBoolean healing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Opener opener;
    private final Reader reader;
    private final Conditions conditions;
    private final Runnable healed;
    private @Nullable Store store;
    private @Nullable Thread healer;
    private volatile boolean distrust;

    Keeper(Opener opener, Reader reader, Conditions conditions, Runnable healed) {
        this.opener = opener;
        this.reader = reader;
        this.conditions = conditions;
        this.healed = healed;
    }

    /** Opens for the first time; on a sick disk goes on trying in the background. */
    void start() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("RocksDB is never called on a virtual thread");
        }
        try {
            open();
        } catch (RocksDBException | IOException e) {
            LOG.error("The spool can not be opened yet", e);
            sick(e);
        }
    }

    private void open() throws RocksDBException, IOException {
        Store opened = opener.open(distrust);
        try {
            reader.read(opened);
        } catch (RocksDBException | IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
        distrust = false;
        lock.writeLock().lock();
        try {
            if (closed.getCount() == 0) {
                opened.close();
                return;
            }
            store = opened;
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Does something with the store; an error of the disk makes the keeper heal it. */
    <T> T use(Task<T> task) throws SpoolException {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("RocksDB is never called on a virtual thread");
        }
        lock.readLock().lock();
        try {
            Store open = store;
            if (open == null || healing.get()) {
                throw new SpoolException(
                        SpoolException.Kind.SICK,
                        "The spool does not work: " + conditions.now().reason());
            }
            return task.run(open);
        } catch (RocksDBException e) {
            sick(e);
            throw Trouble.of(e);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** The disk or the store failed. */
    void sick(Throwable cause) {
        distrust |= Trouble.damage(cause);
        synchronized (healing) {
            if (closed.getCount() == 0 || !healing.compareAndSet(false, true)) {
                return;
            }
            conditions.sickness("The spool failed: " + cause.getMessage());
            LOG.error("The spool failed; it is closed and opened again", cause);
            healer = Thread.ofPlatform().name("spool-heal").daemon().start(this::heal);
        }
    }

    // As one with sick(): a failure in between would be told as health, and its end to nobody.
    private void well() {
        synchronized (healing) {
            healing.set(false);
            conditions.sickness("");
        }
    }

    private void heal() {
        shut();
        long pause = FIRST_PAUSE;
        try {
            while (!closed.await(pause, TimeUnit.MILLISECONDS)) {
                if (reopened()) {
                    well();
                    LOG.warn("The spool works again");
                    healed.run();
                    return;
                }
                pause = Math.min(LONGEST_PAUSE, pause * 2);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean reopened() {
        try {
            open();
            return true;
        } catch (RocksDBException | IOException | RuntimeException e) {
            LOG.error("The spool does not work yet", e);
            distrust |= Trouble.damage(e);
            conditions.sickness("The spool does not open: " + e.getMessage());
            return false;
        }
    }

    private void shut() {
        lock.writeLock().lock();
        try {
            Store open = store;
            store = null;
            if (open != null) {
                open.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public void close() {
        Thread running;
        synchronized (healing) {
            closed.countDown();
            running = healer;
        }
        if (running != null) {
            await(running);
        }
        shut();
    }

    // It may be repairing: the lock of the folder must not be given up before it is done.
    private static void await(Thread running) {
        boolean interrupted = false;
        while (running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
