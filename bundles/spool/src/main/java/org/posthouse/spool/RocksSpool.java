// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Content;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Copies;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Records;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.Vault;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The spool over RocksDB and a folder of files for large bodies. */
final class RocksSpool implements Spool, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RocksSpool.class);

    private final Parts parts;
    private final FolderLock lock;
    private final Conditions conditions = new Conditions();
    private final Aside aside;
    private final BodyFiles files;
    private final Drafts drafts;
    private final Caches caches;
    private final Keeper keeper;
    private final Readers readers;
    private final Bodies bodies;
    private final Committer committer;
    private final Quarantine quarantine;
    private final RocksVault vault;
    private final RocksRecords records;
    private final RocksCopies copies;
    private final SpaceWatch space;
    private final ScheduledExecutorService chores = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("spool-chores").daemon().factory());

    /** What surrounds a spool; tests put faults here. */
    record Parts(
            Path folder,
            Settings settings,
            Meters meters,
            Consumer<SetAside> alarm,
            SpaceWatch.Gauge gauge,
            Faults faults) {}

    /** Opens the spool, or starts to try again and again when the disk fails. Not to be called on a virtual thread. */
    RocksSpool(Parts parts) throws IOException {
        this.parts = parts;
        Path folder = parts.folder();
        Files.createDirectories(folder);
        BodyFiles.sync(BodyFiles.folderOf(folder.toAbsolutePath()));
        lock = new FolderLock(folder);
        try {
            Settings settings = parts.settings();
            aside = new Aside(folder.resolve("aside"), this::alarm);
            files = new BodyFiles(folder.resolve("bodies"));
            drafts = new Drafts(files, settings, this::trouble);
            caches = Caches.of(settings.cache());
            Opening opening = new Opening(folder, settings, files, aside);
            keeper = new Keeper(opening::open, this::opened, conditions, this::sweepSoon);
            readers = new Readers(keeper);
            bodies = new Bodies(readers, caches, files);
            committer = new Committer(keeper, settings, parts.meters(), caches, this::delete, parts.faults());
            quarantine = new Quarantine(readers, committer, aside, files);
            vault = new RocksVault(readers, committer, aside, this::later, InstantSource.system());
            records = new RocksRecords(readers, committer, aside, this::later);
            copies = new RocksCopies(readers, bodies);
            space = new SpaceWatch(folder.resolve("ballast"), settings, conditions, parts.gauge());
            keeper.start();
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
        committer.start();
        chores.scheduleWithFixedDelay(space::check, 0, 1, TimeUnit.SECONDS);
        chores.scheduleWithFixedDelay(() -> vault.sweep(keeper), 1, 1, TimeUnit.SECONDS);
        sweepSoon();
    }

    private void opened(Store store) throws RocksDBException, SpoolException {
        Format.check(store);
        committer.opened(store);
    }

    private void alarm(SetAside entry) {
        parts.meters().setAside();
        parts.alarm().accept(entry);
    }

    private void trouble(SpoolException e) {
        if (e.kind() == SpoolException.Kind.FULL) {
            space.full();
        }
    }

    private void delete(List<MessageId> unused) {
        later(() -> unused.forEach(this::delete));
    }

    private void delete(MessageId body) {
        try {
            files.delete(body);
        } catch (IOException e) {
            LOG.warn("The file of body {} stays until the next sweep", body, e);
        }
    }

    private void sweepSoon() {
        later(new Sweep(files, drafts, keeper)::run);
    }

    private void later(Runnable chore) {
        try {
            chores.execute(chore);
        } catch (RejectedExecutionException e) {
            LOG.debug("The spool closes; the next start does what is left", e);
        }
    }

    /** The vault in the same store. */
    Vault vault() {
        return vault;
    }

    /** What the cluster keeps in the same store. */
    Records records() {
        return records;
    }

    /** Messages on their way to other nodes. */
    Copies copies() {
        return copies;
    }

    @Override
    public Draft draft(MessageId id) {
        return drafts.begin(id);
    }

    @Override
    public void commit(Change change) throws SpoolException {
        if (!conditions.now().working()) {
            throw new SpoolException(SpoolException.Kind.SICK, conditions.now().reason());
        }
        try {
            committer.commit(Prepared.of(change, drafts, caches));
        } catch (SpoolException e) {
            trouble(e);
            throw e;
        }
    }

    @Override
    public Optional<Stored> load(MessageId id) throws SpoolException {
        Stored recent = caches.messages().get(id);
        return recent != null ? Optional.of(recent) : readers.call(store -> Queries.load(store, id));
    }

    @Override
    public Content content(Envelope envelope) {
        return new OutgoingContent(envelope, bodies);
    }

    @Override
    public Content received(Envelope envelope) {
        return bodies.received(envelope.body());
    }

    @Override
    public List<DueEntry> due(DueEntry from, int most) throws SpoolException {
        return readers.call(store -> Queries.due(store, from, most));
    }

    @Override
    public List<Stored> list(@Nullable MessageId after, int most) throws SpoolException {
        Map<MessageId, SpoolException> damaged = new LinkedHashMap<>();
        List<Stored> found = readers.call(store -> Queries.list(store, after, most, damaged));
        damaged.forEach((id, e) -> later(() -> {
            quarantine.take(id, String.valueOf(e.getMessage()));
            caches.messages().remove(id);
        }));
        return found;
    }

    @Override
    public Counts counts() {
        return committer.counts();
    }

    @Override
    public List<SetAside> setAside() {
        return aside.entries();
    }

    @Override
    public void setAside(MessageId id, String why) throws SpoolException {
        quarantine.put(id, why);
        caches.messages().remove(id);
    }

    @Override
    public Condition condition() {
        return conditions.now();
    }

    @Override
    public AutoCloseable onCondition(Consumer<Condition> listener) {
        return conditions.listen(listener);
    }

    // What the background has begun needs the committer to end it.
    private void settle() {
        try {
            chores.submit(() -> {}).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RejectedExecutionException e) {
            LOG.debug("The spool is closed already", e);
        }
    }

    /** Finishes what was handed over, then closes; nothing is flushed, for the log replays fast. */
    @Override
    public void close() throws IOException {
        settle();
        committer.close();
        chores.close();
        readers.close();
        keeper.close();
        parts.meters().close();
        lock.close();
    }
}
