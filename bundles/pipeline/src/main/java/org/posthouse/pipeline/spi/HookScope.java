// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the hook that this thread runs must leave no trace in what plugins share: set by the stage while it asks a hook in
 * shadow mode or in a replay, read by the services that plugins use. Nothing is set while a hook is asked in earnest.
 */
public final class HookScope {
    private static final ThreadLocal<@Nullable HookScope> NOW = new ThreadLocal<>();

    private static final ThreadLocal<@Nullable Noting> NOTING = new ThreadLocal<>();

    private static volatile Set<String> shadowed = Set.of();

    private final String plugin;
    private final Mode mode;
    private final @Nullable Answers answers;

    /** Why nothing may be left behind. */
    public enum Mode {
        /** State answers from a namespace {@code name~shadow}; sending and scheduling are recorded only. */
        SHADOW,
        /** As in shadow, in a namespace that is thrown away; DNS answers from the recording. */
        REPLAY
    }

    /** Recorded answers of services, by question. */
    @FunctionalInterface
    public interface Answers {
        /** What was answered when it was recorded; null when the question was not asked then. */
        @Nullable
        Object of(String service, String question);
    }

    /**
     * Notes what services answer while live transactions are recorded. It is no scope: what is recorded is in earnest, and
     * {@link #now()} says nothing of it. Only what a hook asks on its own thread is noted.
     */
    @FunctionalInterface
    public interface Noting {
        /** A service answered a question. */
        void answered(String service, String question, String answer);
    }

    private HookScope(String plugin, Mode mode, @Nullable Answers answers) {
        this.plugin = plugin;
        this.mode = mode;
        this.answers = answers;
    }

    /** The scope of this thread, or null in earnest. */
    public static @Nullable HookScope now() {
        return NOW.get();
    }

    /**
     * The scope in which a plugin acts on this thread: that of its hook, or a shadow where all its hooks are in shadow mode,
     * so that what it does on threads of its own leaves no trace either; null in earnest.
     */
    public static @Nullable HookScope of(String plugin) {
        HookScope now = NOW.get();
        return now == null && shadowed.contains(plugin) ? new HookScope(plugin, Mode.SHADOW, null) : now;
    }

    /** From now on these are the plugins all of whose hooks are in shadow mode. */
    public static void shadow(Set<String> plugins) {
        shadowed = Set.copyOf(plugins);
    }

    /** Begins this scope on another thread that works for the one it was begun on; close it there. */
    public Closing enter() {
        return open(plugin, mode, answers);
    }

    /** Begins a scope on this thread; close it on the same thread. */
    public static Closing open(String plugin, Mode mode, @Nullable Answers answers) {
        HookScope before = NOW.get();
        NOW.set(new HookScope(plugin, mode, answers));
        return () -> NOW.set(before);
    }

    /** Who notes the answers of services on this thread, or null. */
    public static @Nullable Noting noting() {
        return NOTING.get();
    }

    /** Begins noting on this thread; close it on the same thread. */
    public static Closing note(Noting noting) {
        Noting before = NOTING.get();
        NOTING.set(noting);
        return () -> NOTING.set(before);
    }

    /** The plugin whose hook runs. */
    public String plugin() {
        return plugin;
    }

    /** Why nothing may be left behind. */
    public Mode mode() {
        return mode;
    }

    /** Recorded answers; null when there are none. */
    public @Nullable Answers answers() {
        return answers;
    }

    /** Ends a scope. */
    @FunctionalInterface
    public interface Closing extends AutoCloseable {
        @Override
        void close();
    }
}
