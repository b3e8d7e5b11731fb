// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes damaged messages out of the spool while it runs, and puts the counts right. */
final class Quarantine {
    private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

    private final Readers readers;
    private final Committer committer;
    private final Aside aside;
    private final BodyFiles files;

    Quarantine(Readers readers, Committer committer, Aside aside, BodyFiles files) {
        this.readers = readers;
        this.committer = committer;
        this.aside = aside;
        this.files = files;
    }

    /** As {@link #put}, for nobody who could be told of a failure. */
    void take(MessageId id, String why) {
        try {
            put(id, why);
        } catch (SpoolException e) {
            LOG.error("Message {} can not be set aside yet", id, e);
        }
    }

    synchronized void put(MessageId id, String why) throws SpoolException {
        Evidence evidence = readers.call(store -> Evidence.of(store, id, true));
        if (evidence.nothing()) {
            return;
        }
        Optional<Spool.Stored> readable = readable(id);
        Map<String, byte[]> records = new LinkedHashMap<>(evidence.records());
        List<Path> own = new ArrayList<>();
        if (readable.isPresent()) {
            bodies(readable.get().envelope(), records, own);
        } else if (!shared(id)) {
            own.add(files.path(id));
        }
        try {
            aside.keep(id, records, own, why);
        } catch (IOException e) {
            throw Trouble.of(e);
        }
        if (readable.isPresent()) {
            committer.commit(whole(readable.get(), evidence));
        } else {
            committer.commit(raw(evidence, id));
            recount();
        }
    }

    private Optional<Spool.Stored> readable(MessageId id) throws SpoolException {
        try {
            return readers.call(store -> Queries.load(store, id));
        } catch (SpoolException e) {
            if (e.kind() == SpoolException.Kind.DAMAGED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    // A body that others share stays where it is; its records are copied for people.
    private void bodies(Envelope envelope, Map<String, byte[]> records, List<Path> own) throws SpoolException {
        for (MessageId body : Evidence.bodies(envelope)) {
            if (!shared(body)) {
                own.add(files.path(body));
            }
            if (!body.equals(envelope.id())) {
                Map<String, byte[]> other =
                        readers.call(store -> Evidence.of(store, body, false)).records();
                byte[] octets = other.get("body.eml");
                if (octets != null) {
                    records.put(body + ".eml", octets);
                }
            }
        }
    }

    private boolean shared(MessageId body) throws SpoolException {
        byte[] key = Keys.of(Table.SHARE, body);
        return readers.call(store -> store.get(Table.SHARE, key) != null);
    }

    private static Action whole(Spool.Stored stored, Evidence evidence) {
        return round -> {
            evidence.delete(round.store(), round.batch());
            round.remove(new Change.Step.Remove(
                    stored.envelope(),
                    stored.progress().stream().map(p -> p.state()).toList()));
        };
    }

    private static Action raw(Evidence evidence, MessageId id) {
        return round -> {
            evidence.delete(round.store(), round.batch());
            round.release(id);
        };
    }

    // What the damaged records counted for can not be told. All others are counted as they were at one moment, and the
    // difference to the counts of that moment is taken off.
    private void recount() throws SpoolException {
        Moment moment = new Moment();
        committer.commit(moment);
        try {
            Tally counted = readers.call(moment::count);
            committer.commit(round -> round.tally().correct(counted, moment.tally()));
        } finally {
            readers.call(store -> {
                moment.release(store);
                return true;
            });
        }
    }

    /** The store and its counts at one moment. */
    private static final class Moment implements Action {
        private Tally tally = new Tally();
        private @Nullable Snapshot snapshot;
        private @Nullable Store owner;

        @Override
        public void apply(Round round) throws RocksDBException {
            // Between two batches: what is in the store is what the tally of the last batch says. This action comes
            // alone or after others of its batch, so their part of the tally is not counted.
            owner = round.store();
            snapshot = round.store().snapshot();
            tally = round.before();
        }

        Tally tally() {
            return tally;
        }

        Tally count(Store store) throws RocksDBException, SpoolException {
            if (owner != store) {
                throw new SpoolException(SpoolException.Kind.SICK, "The store was opened again meanwhile");
            }
            return Census.count(store, snapshot);
        }

        void release(Store store) {
            // A snapshot ends with its store.
            if (snapshot != null && owner == store) {
                store.release(snapshot);
            }
        }
    }
}
