// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.posthouse.cluster.protocol.HeldMessage;
import org.posthouse.cluster.protocol.Ledger;
import org.posthouse.cluster.protocol.Register;
import org.posthouse.spool.spi.MessageId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registers of a node that has no mail of others yet. They are written on a thread that exists only while something
 * is to be written; what can not be written is tried again, and until then nobody is told that it is.
 */
public final class RegisterLedger implements Ledger, AutoCloseable {
    private static final long AGAIN = 1;
    private static final Logger LOG = LoggerFactory.getLogger(RegisterLedger.class);

    private final RegisterFile file;
    private final Executor station;
    private final ScheduledThreadPoolExecutor disk;
    private List<Runnable> waiting = new ArrayList<>();
    private Remembered now;

    /**
     * @param folder the folder of the cluster in the data folder
     * @param station runs what waits for the disk
     * @throws IOException when what is on disk can not be used; the message says why
     */
    public RegisterLedger(Path folder, String self, Executor station) throws IOException {
        this.file = new RegisterFile(folder, self);
        this.now = file.read();
        this.station = station;
        this.disk = new ScheduledThreadPoolExecutor(
                1,
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("posthouse-cluster-disk")
                        .unstarted(task));
        disk.setKeepAliveTime(5, TimeUnit.SECONDS);
        disk.allowCoreThreadTimeOut(true);
    }

    @Override
    public synchronized List<Register> registers() {
        return now.registers();
    }

    @Override
    public synchronized long emptySince() {
        return now.emptySince();
    }

    @Override
    public void put(List<Register> registers, long emptySince, Runnable synced) {
        synchronized (this) {
            now = new Remembered(registers, emptySince);
            waiting.add(synced);
            if (waiting.size() > 1) {
                return;
            }
        }
        disk.execute(this::write);
    }

    private void write() {
        Remembered latest;
        List<Runnable> done;
        synchronized (this) {
            latest = now;
            done = List.copyOf(waiting);
        }
        try {
            file.write(latest);
        } catch (IOException e) {
            LOG.error("Cluster: the registers can not be written; tried again in {} s", AGAIN, e);
            again(AGAIN);
            return;
        }
        synchronized (this) {
            waiting = new ArrayList<>(waiting.subList(done.size(), waiting.size()));
            if (!waiting.isEmpty()) {
                again(0);
            }
        }
        done.forEach(station::execute);
    }

    private void again(long seconds) {
        try {
            disk.schedule(this::write, seconds, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) {
            LOG.warn("Cluster: this node stops before its registers are written");
        }
    }

    @Override
    public Optional<HeldMessage> find(MessageId id) {
        return Optional.empty();
    }

    /** Mail has no place here: nobody is told that it was stored. */
    @Override
    public void put(List<HeldMessage> records, Runnable synced) {
        LOG.warn("Cluster: {} records of mail have no place on this node", records.size());
    }

    @Override
    public void remove(MessageId id, Runnable synced) {
        station.execute(synced);
    }

    @Override
    public void close() {
        disk.shutdown();
    }
}
