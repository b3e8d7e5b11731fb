// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Step 4 of 9: asks the hooks of one stage in order, one question once.
 *
 * <p>The hooks run inline on a fresh virtual thread, while the asking thread waits with a timer. Whoever settles a hook's
 * turn first wins; a late answer is dropped, the overdue thread interrupted and left alone, and the stage goes on with the
 * next hook on another fresh thread where the failure verdict says so. Without hooks a stage costs nothing.
 */
final class Stage {
    private static final ThreadFactory THREADS = Thread.ofVirtual()
            .name("hooks-", 0)
            .inheritInheritableThreadLocals(false)
            .factory();
    private static final int DONE = Integer.MAX_VALUE;

    private final Place[] places;
    private final Question question;
    private final Thread asker = Thread.currentThread();
    private final long shortest;

    /** Twice the index of the hook whose turn it is, plus one once that turn is settled. Only ever grows. */
    private final AtomicInteger turn = new AtomicInteger();

    private volatile long started;
    private volatile @Nullable Overlay overlay;
    private volatile @Nullable Thread worker;
    private volatile @Nullable Throwable broken;

    private Stage(Place[] places, Question question) {
        this.places = places;
        this.question = question;
        long least = Long.MAX_VALUE;
        for (Place place : places) {
            least = Math.min(least, place.budgetNanos());
        }
        this.shortest = least;
    }

    /** Asks all hooks from {@code first} on; returns when the stage ended, whatever the hooks did. */
    static void ask(Place[] places, int first, Question question) {
        if (first < places.length) {
            Stage stage = new Stage(places, question);
            Stragglers.attend(stage);
            try {
                stage.run(first);
            } finally {
                Stragglers.forget(stage);
            }
        }
    }

    private void run(int first) {
        begin(first);
        boolean interrupted = false;
        while (true) {
            int now = turn.get();
            if (now == DONE) {
                break;
            }
            long left = remaining(now);
            if (left > 0) {
                // A later hook may have a shorter budget than this one, so never sleep longer than the shortest.
                LockSupport.parkNanos(this, Math.min(left, shortest));
            } else {
                overdue(now);
            }
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            asker.interrupt();
        }
        Throwable cause = broken;
        if (cause != null) { // Nobody knows what was decided, and that must not look like consent.
            throw new IllegalStateException("a stage could not be ended", cause);
        }
    }

    private long remaining(int now) {
        if ((now & 1) == 1) {
            return shortest;
        }
        long since = started;
        return turn.get() == now ? since + places[now >> 1].budgetNanos() - System.nanoTime() : 1;
    }

    /** Gives the turn to this hook on a fresh thread. */
    private void begin(int index) {
        started = System.nanoTime();
        overlay = null;
        turn.set(2 * index);
        worker = THREADS.newThread(() -> answer(index));
        worker.start();
    }

    /** Runs on the fresh thread: hook after hook, until the stage ends or the turn is lost. */
    private void answer(int first) {
        OutOfMemoryError fatal = null;
        long begun = started;
        boolean waited = System.nanoTime() - begun >= places[first].budgetNanos();
        for (int i = first; ; i++) {
            Place place = places[i];
            if (turn.get() != 2 * i) {
                place.returned();
                return;
            }
            Overlay staged = new Overlay(place);
            Answer answer = place.isAsked(question) ? answerOf(place, staged, waited) : Answer.NOT_ASKED;
            fatal = answer.fatal() != null ? answer.fatal() : fatal;
            if (!turn.compareAndSet(2 * i, 2 * i + 1)) {
                place.returned();
                staged.drop();
                rethrow(fatal);
                return;
            }
            Thread.interrupted(); // A hook that interrupted itself must not trouble the next one.
            long now = System.nanoTime();
            boolean ends = answer != Answer.NOT_ASKED && settled(place, staged, answer, now - begun);
            if (ends || i + 1 == places.length) {
                turn.set(DONE);
                LockSupport.unpark(asker);
                rethrow(fatal);
                return;
            }
            begun = now;
            waited = false;
            started = now;
            turn.set(2 * (i + 1));
        }
    }

    private Answer answerOf(Place place, Overlay staged, boolean waited) {
        // No carrier was free within the whole budget: a hook that begins now would only keep one from those who wait.
        Failure barred = waited ? Failure.TIMEOUT : place.enter();
        if (barred != null) {
            return new Answer(null, null, barred, null);
        }
        overlay = staged;
        try {
            return new Answer(question.ask(Objects.requireNonNull(place.hook()), staged), null, null, null);
        } catch (OutOfMemoryError thrown) {
            return new Answer(null, Thrown.of(thrown), null, thrown);
        } catch (Throwable thrown) { // Errors too: a hook must never hurt the server.
            return new Answer(null, Thrown.of(thrown), null, null);
        } finally {
            place.leave();
        }
    }

    private boolean settled(Place place, Overlay staged, Answer answer, long nanos) {
        try {
            return settle(place, staged, answer, nanos);
        } catch (Throwable unexpected) { // The asking thread waits for this turn, whatever is wrong here.
            broken = unexpected;
            return true;
        }
    }

    private boolean settle(Place place, Overlay staged, Answer answer, long nanos) {
        if (answer.barred() != null) {
            place.notAsked();
            return question.fail(place, answer.barred(), place.detail(answer.barred()), null, 0);
        }
        place.called(nanos);
        SecurityException refusal = staged.refused();
        Thrown thrown = answer.thrown();
        if (thrown == null && refusal != null) { // The hook swallowed it.
            thrown = Thrown.of(refusal);
        }
        if (thrown != null) {
            staged.drop();
            place.failed(nanos);
            Failure kind = thrown.forbidden() ? Failure.ILLEGAL : Failure.EXCEPTION;
            return question.fail(place, kind, String.valueOf(thrown.getMessage()), thrown, nanos);
        }
        try {
            boolean ends = question.take(place, staged, answer.value(), nanos);
            staged.close();
            place.succeeded(nanos);
            return ends;
        } catch (RuntimeException | Error refused) { // It may come from a value of the plugin.
            Thrown illegal = Thrown.of(refused);
            staged.drop();
            place.failed(nanos);
            return question.fail(place, Failure.ILLEGAL, String.valueOf(illegal.getMessage()), illegal, nanos);
        }
    }

    /**
     * Runs on the thread that looks after carriers, when none is free for the asking thread: takes the turn away from a hook
     * whose time is over in its place.
     */
    void relieve() {
        int now = turn.get();
        if (now != DONE && (now & 1) == 0 && worker != null && remaining(now) <= 0) {
            try {
                overdue(now);
            } catch (Throwable unexpected) { // The asking thread waits, whatever is wrong here.
                broken = unexpected;
                turn.set(DONE);
            }
            LockSupport.unpark(asker);
        }
    }

    /** Takes the turn away from a hook whose time is over; whoever finds it so first settles it. */
    private void overdue(int now) {
        Place place = places[now >> 1];
        Thread late = Objects.requireNonNull(worker);
        Overlay staged = overlay;
        place.abandon(); // Before the turn is taken, so that the thread can not return before it counts as abandoned.
        if (!turn.compareAndSet(now, now + 1)) {
            place.returned();
            return;
        }
        late.interrupt();
        Stragglers.watch(late);
        if (staged != null) {
            staged.close();
        }
        // One that is not asked this question can not fail it: there was only no carrier that would have passed it by.
        boolean ends = place.isAsked(question) && failed(place);
        if (ends || (now >> 1) + 1 == places.length) {
            turn.set(DONE);
        } else {
            begin((now >> 1) + 1);
        }
    }

    private boolean failed(Place place) {
        long budget = place.budgetNanos();
        place.called(budget);
        place.failed(budget);
        return question.fail(place, Failure.TIMEOUT, place.detail(Failure.TIMEOUT), null, budget);
    }

    /** An exhausted heap ends the process (ExitOnOutOfMemoryError); nothing accepted is lost by that. */
    private static void rethrow(@Nullable OutOfMemoryError fatal) {
        if (fatal != null) {
            throw fatal;
        }
    }

    /** What came of asking one hook: its value, or what it threw, or why it could not be asked. */
    private record Answer(
            @Nullable Object value,
            @Nullable Thrown thrown,
            @Nullable Failure barred,
            @Nullable OutOfMemoryError fatal) {
        static final Answer NOT_ASKED = new Answer(null, null, null, null);
    }
}
