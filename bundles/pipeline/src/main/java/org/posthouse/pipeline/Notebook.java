// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Note;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The notes of one scope. What it holds never changes in place, so that an overdue hook may still read while others write.
 */
final class Notebook {
    private static final Logger LOG = LoggerFactory.getLogger(Notebook.class);

    private volatile Map<Key, Object> entries = Map.of();

    /**
     * A note is found by its name; one of a plugin's own class by name and generation, so that none sees another's. What a
     * hook in shadow mode left is seen by hooks of its generation in shadow mode alone.
     */
    private record Key(String name, @Nullable Generation owner, boolean shadow) {}

    <T> Optional<T> get(Note<T> note, Place reader) {
        Map<Key, Object> now = entries;
        if (now.isEmpty()) {
            return Optional.empty();
        }
        Object value = null;
        if (reader.terms().shadow()) {
            value = now.get(new Key(note.name(), reader.generation(), true));
        }
        if (value == null) {
            value = now.get(new Key(note.name(), reader.generation(), false));
        }
        if (value == null) {
            value = now.get(new Key(note.name(), null, false));
        }
        return note.type().isInstance(value) ? Optional.of(note.type().cast(value)) : Optional.empty();
    }

    void put(Note<?> note, Object value, Place author) {
        Map<Key, Object> next = new HashMap<>(entries);
        boolean shadow = author.terms().shadow();
        Object before =
                next.put(new Key(note.name(), shadow || foreign(value) ? author.generation() : null, shadow), value);
        entries = Map.copyOf(next);
        if (before != value && before instanceof AutoCloseable closeable) {
            closeAll(List.of(closeable), () -> {});
        }
    }

    /** Whether the class of the value came with a plugin. */
    private static boolean foreign(Object value) {
        ClassLoader loader = value.getClass().getClassLoader();
        return loader != null
                && loader != ClassLoader.getPlatformClassLoader()
                && loader != Note.class.getClassLoader();
    }

    /** Forgets what only generations that are gone could read, so that an idle session holds no old class loader. */
    void keepOnly(Predicate<Generation> living) {
        forget(key -> key.owner() != null && !living.test(key.owner()), () -> {});
    }

    /** What stands here now: names only, so that a mark holds no value. */
    Set<?> mark() {
        return Set.copyOf(entries.keySet());
    }

    /** Forgets what was left after the mark. */
    void backTo(Set<?> mark) {
        forget(key -> !mark.contains(key), () -> {});
    }

    /** The scope ends: closes what can be closed, then calls back. */
    void end(Runnable then) {
        forget(key -> true, then);
    }

    private void forget(Predicate<Key> gone, Runnable then) {
        Map<Key, Object> now = entries;
        if (now.isEmpty()) {
            then.run();
            return;
        }
        Map<Key, Object> next = new HashMap<>(now);
        List<AutoCloseable> closing = new ArrayList<>(0);
        next.entrySet().removeIf(e -> {
            boolean goes = gone.test(e.getKey());
            if (goes && e.getValue() instanceof AutoCloseable closeable) {
                closing.add(closeable);
            }
            return goes;
        });
        entries = Map.copyOf(next);
        closeAll(closing, then);
    }

    /** Closes values of plugins, those of each on threads of their own: their code may block or throw. */
    static void closeAll(List<AutoCloseable> values, Runnable then) {
        if (values.isEmpty()) {
            then.run();
            return;
        }
        Map<ClassLoader, List<AutoCloseable>> byPlugin = new HashMap<>();
        values.forEach(value ->
                byPlugin.computeIfAbsent(loader(value), l -> new ArrayList<>(1)).add(value));
        AtomicInteger left = new AtomicInteger(byPlugin.size());
        Runnable done = () -> {
            if (left.decrementAndGet() == 0) {
                then.run();
            }
        };
        byPlugin.forEach((loader, own) -> {
            boolean taken = Closers.of(loader).submit(() -> {
                own.forEach(Notebook::closeOne);
                done.run();
            });
            if (!taken) {
                LOG.warn("Too many notes of {} wait to be closed already; {} stay open", loader, own.size());
                done.run();
            }
        });
    }

    private static ClassLoader loader(AutoCloseable value) {
        return Objects.requireNonNullElse(value.getClass().getClassLoader(), Notebook.class.getClassLoader());
    }

    private static void closeOne(AutoCloseable value) {
        try {
            value.close();
        } catch (Throwable e) { // It is code of a plugin, and the other notes are to be closed as well.
            LOG.warn("A note of class {} could not be closed", value.getClass().getName(), Thrown.of(e));
        }
    }
}
