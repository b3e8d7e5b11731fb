// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The drafts that are not committed yet: found by their ids when an envelope names them, and left alone by the sweep for
 * orphans.
 */
final class Drafts {
    private static final Logger LOG = LoggerFactory.getLogger(Drafts.class);

    private final Map<MessageId, DiskDraft> open = new ConcurrentHashMap<>();
    private final BodyFiles files;
    private final Settings settings;
    private final Consumer<SpoolException> alarm;

    /**
     * Keeps drafts.
     *
     * @param alarm hears of a disk that is full or failing
     */
    Drafts(BodyFiles files, Settings settings, Consumer<SpoolException> alarm) {
        this.files = files;
        this.settings = settings;
        this.alarm = alarm;
    }

    DiskDraft begin(MessageId id) {
        DiskDraft draft = new DiskDraft(id, this);
        if (open.putIfAbsent(id, draft) != null) {
            throw new IllegalStateException("There is a draft " + id + " already");
        }
        return draft;
    }

    BodyFiles files() {
        return files;
    }

    Settings settings() {
        return settings;
    }

    @Nullable
    DiskDraft find(MessageId id) {
        return open.get(id);
    }

    boolean has(MessageId id) {
        return open.containsKey(id);
    }

    SpoolException trouble(IOException e) {
        SpoolException trouble = Trouble.of(e);
        alarm.accept(trouble);
        return trouble;
    }

    void forget(DiskDraft draft) {
        open.remove(draft.id(), draft);
    }

    void discard(DiskDraft draft, @Nullable FileChannel channel, boolean file) {
        try {
            if (channel != null) {
                channel.close();
            }
            if (file) {
                files.delete(draft.id());
            }
        } catch (IOException e) {
            LOG.warn("The octets of aborted draft {} stay until the next sweep", draft.id(), e);
        } finally {
            forget(draft);
        }
    }
}
