// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import org.jspecify.annotations.Nullable;

/**
 * Whether the hook that this thread runs must leave no trace in what plugins share: set by the stage while it asks a hook in
 * shadow mode or in a replay, read by the services that plugins use. Nothing is set while a hook is asked in earnest.
 */
public final class HookScope {
    private static final ThreadLocal<@Nullable HookScope> NOW = new ThreadLocal<>();

    private static final ThreadLocal<@Nullable Noting> NOTING = new ThreadLocal<>();

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
