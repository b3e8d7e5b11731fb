// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a hook threw, copied while its turn lasted. The original is code of the plugin: asked for its message it may throw or
 * hang, and kept by a log it would keep the plugin's classes.
 */
final class Thrown extends Throwable {
    private static final long serialVersionUID = 1L;
    private static final int DEEPEST = 8;

    private final String name;
    private final boolean forbidden;
    private final boolean overflow;

    private Thrown(Throwable original, String message, @Nullable Thrown cause) {
        super(message, cause, false, true);
        this.name = original.getClass().getName();
        this.forbidden = original instanceof SecurityException;
        this.overflow = original instanceof StackOverflowError;
        setStackTrace(trace(original));
    }

    /** Copies what was thrown; runs code of the plugin, so that it must be called within the budget of the hook. */
    static Thrown of(Throwable original) {
        return of(original, 0);
    }

    private static Thrown of(Throwable original, int depth) {
        return new Thrown(original, message(original), depth < DEEPEST ? cause(original, depth) : null);
    }

    private static String message(Throwable original) {
        try {
            return Objects.requireNonNullElse(original.getMessage(), "");
        } catch (Throwable worse) { // It is the plugin's method.
            return "its message can not be read";
        }
    }

    private static @Nullable Thrown cause(Throwable original, int depth) {
        try {
            Throwable cause = original.getCause();
            return cause == null ? null : of(cause, depth + 1);
        } catch (Throwable worse) { // It is the plugin's method.
            return null;
        }
    }

    private static StackTraceElement[] trace(Throwable original) {
        try {
            return original.getStackTrace();
        } catch (Throwable worse) { // It is the plugin's method.
            return new StackTraceElement[0];
        }
    }

    /** Whether the hook asked for what it did not declare. */
    boolean forbidden() {
        return forbidden;
    }

    /** Whether it is an endless recursion, whose trace is a thousand lines long. */
    boolean overflow() {
        return overflow;
    }

    /** The type of the original and where it was thrown. */
    String place() {
        StackTraceElement[] trace = getStackTrace();
        return name + (trace.length == 0 ? "" : " at " + trace[0]);
    }

    @Override
    public String toString() {
        String message = getMessage();
        return message == null || message.isEmpty() ? name : name + ": " + message;
    }
}
