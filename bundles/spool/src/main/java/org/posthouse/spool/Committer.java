// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes. It gathers all commits that wait into one batch, syncs once and wakes their callers; while
 * it syncs, the next batch gathers by itself.
 */
final class Committer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
    private static final int MOST = 1024;
    private static final long MOST_OCTETS = 8 << 20;

    /** Wakes the thread so that it sees the end. */
    private static final Action STOP = round -> {};

    private record Waiting(Action action, CompletableFuture<Void> done) {}

    private final Keeper keeper;
    private final Settings settings;
    private final Meters meters;
    private final Caches caches;
    private final Consumer<List<MessageId>> doomed;
    private final Faults faults;
    private final LinkedBlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final Set<MessageId> doubtful = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private Tally tally = new Tally();
    private volatile Spool.Counts counts = new Spool.Counts(0, Map.of(), 0);
    private volatile boolean closed;

    Committer(
            Keeper keeper,
            Settings settings,
            Meters meters,
            Caches caches,
            Consumer<List<MessageId>> doomed,
            Faults faults) {
        this.keeper = keeper;
        this.settings = settings;
        this.meters = meters;
        this.caches = caches;
        this.doomed = doomed;
        this.faults = faults;
        thread = Thread.ofPlatform().name("spool-commit").unstarted(this::run);
        meters.waiting(queue::size);
    }

    void start() {
        thread.start();
    }

    Spool.Counts counts() {
        return counts;
    }

    /** Waits until the action is on disk. An interrupt does not end the wait: its outcome must be known. */
    void commit(Action action) throws SpoolException {
        Waiting waiting = new Waiting(action, new CompletableFuture<>());
        queue.add(waiting);
        if (closed && queue.remove(waiting)) {
            action.refused();
            throw shut();
        }
        try {
            waiting.done().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof SpoolException known) {
                throw new SpoolException(known.kind(), String.valueOf(known.getMessage()), known);
            }
            throw e;
        }
    }

    private static SpoolException shut() {
        return new SpoolException(SpoolException.Kind.SICK, "The spool is closed");
    }

    private void run() {
        try {
            while (!closed || !queue.isEmpty()) {
                List<Waiting> batch = gather(queue.take());
                batch.removeIf(waiting -> waiting.action() == STOP);
                if (!batch.isEmpty()) {
                    write(batch);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            for (Waiting left = queue.poll(); left != null; left = queue.poll()) {
                refuse(left, shut());
            }
        }
    }

    private List<Waiting> gather(Waiting first) throws InterruptedException {
        if (settings.lingerMillis() > 0) {
            TimeUnit.MILLISECONDS.sleep(settings.lingerMillis());
        }
        List<Waiting> batch = new ArrayList<>();
        long weight = 0;
        for (Waiting next = first; next != null; next = queue.poll()) {
            batch.add(next);
            weight += next.action().weight();
            if (batch.size() == MOST || weight >= MOST_OCTETS) {
                break;
            }
        }
        return batch;
    }

    private synchronized void write(List<Waiting> batch) {
        List<Waiting> applied = new ArrayList<>(batch.size());
        try {
            List<MessageId> unused = keeper.use(store -> {
                try (Round round = new Round(store, tally)) {
                    boolean sync = fill(round, batch, applied);
                    finish(round, applied.size(), sync);
                    return round.doomed();
                }
            });
            succeed(applied, unused);
        } catch (SpoolException e) {
            batch.forEach(waiting -> fail(waiting, applied.contains(waiting), e));
        } catch (RuntimeException | Error e) {
            // Errors too: without this thread nobody would ever be answered.
            LOG.error("A batch failed in an unforeseen way", e);
            keeper.sick(e);
            SpoolException sick = new SpoolException(SpoolException.Kind.SICK, String.valueOf(e.getMessage()), e);
            batch.forEach(waiting -> fail(waiting, true, sick));
        }
    }

    private boolean fill(Round round, List<Waiting> batch, List<Waiting> applied) throws RocksDBException {
        boolean sync = false;
        for (Waiting waiting : batch) {
            try {
                round.apply(waiting.action());
                applied.add(waiting);
                sync |= waiting.action().synced();
            } catch (SpoolException e) {
                // This one alone is wrong; the others go on.
                refuse(waiting, e);
            }
        }
        return sync;
    }

    private void finish(Round round, int changes, boolean sync) throws RocksDBException {
        if (changes == 0) {
            return;
        }
        WriteBatch batch = round.batch();
        round.store().put(batch, Table.META, Keys.COUNTS, round.tally().encode());
        long start = System.nanoTime();
        faults.around(false, sync);
        round.store().write(batch, sync);
        faults.around(true, sync);
        meters.written(changes, batch.getDataSize(), sync, System.nanoTime() - start);
        tally = round.tally();
        counts = tally.counts();
    }

    private void succeed(List<Waiting> applied, List<MessageId> unused) {
        for (Waiting waiting : applied) {
            waiting.action().succeeded();
            waiting.done().complete(null);
        }
        if (!unused.isEmpty()) {
            doomed.accept(unused);
        }
    }

    private void fail(Waiting waiting, boolean tried, SpoolException e) {
        if (waiting.done().isDone()) {
            return;
        }
        if (!tried) {
            refuse(waiting, e);
            return;
        }
        if (waiting.action() instanceof Prepared change) {
            doubtful.addAll(change.revocable());
        }
        waiting.action().unknown();
        waiting.done().completeExceptionally(e);
    }

    private static void refuse(Waiting waiting, SpoolException e) {
        waiting.action().refused();
        waiting.done().completeExceptionally(e);
    }

    /**
     * Reads the counts of a store that was just opened, and removes messages that came in with a commit that failed:
     * nobody was told that they are kept, and their senders send them again.
     */
    synchronized void opened(Store store) throws RocksDBException {
        caches.clear();
        byte[] record = store.get(Table.META, Keys.COUNTS);
        tally = record == null ? Census.count(store, null) : read(store, record);
        if (!doubtful.isEmpty()) {
            try (Round round = new Round(store, tally)) {
                for (MessageId id : doubtful) {
                    withdraw(round, id);
                }
                finish(round, doubtful.size(), true);
            }
            doubtful.clear();
        }
        counts = tally.counts();
    }

    private static Tally read(Store store, byte[] record) throws RocksDBException {
        try {
            return Tally.decode(record);
        } catch (SpoolException e) {
            LOG.error("The counts are damaged and are counted anew", e);
            return Census.count(store, null);
        }
    }

    private static void withdraw(Round round, MessageId id) throws RocksDBException {
        try {
            Spool.Stored stored = Queries.load(round.store(), id).orElse(null);
            if (stored != null) {
                withdraw(round, stored);
            }
        } catch (SpoolException e) {
            LOG.error("Message {} was not acknowledged but can not be removed", id, e);
        }
    }

    private static void withdraw(Round round, Spool.Stored stored) throws RocksDBException, SpoolException {
        MessageId id = stored.envelope().id();
        LOG.warn("Message {} was not acknowledged and is removed", id);
        List<State> states = stored.progress().stream().map(p -> p.state()).toList();
        round.remove(new Change.Step.Remove(stored.envelope(), states));
        round.store().delete(round.batch(), Table.CUSTODY, CustodyCodec.key(id));
        Instant due = Census.due(stored.progress());
        if (due != null) {
            round.store().delete(round.batch(), Table.DUE, Keys.due(due, id));
        }
    }

    @Override
    public void close() {
        closed = true;
        queue.add(new Waiting(STOP, new CompletableFuture<>()));
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
