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
    private @Nullable Thread worker;

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
            new Stage(places, question).run(first);
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
        for (int i = first; ; i++) {
            Place place = places[i];
            if (turn.get() != 2 * i) { // No carrier was free within the whole budget.
                place.returned();
                return;
            }
            Overlay staged = new Overlay(place);
            Answer answer = place.appliesTo(question.listener()) && place.judges(question)
                    ? answerOf(place, staged)
                    : Answer.NOT_ASKED;
            fatal = answer.thrown() instanceof OutOfMemoryError error ? error : fatal;
            if (!turn.compareAndSet(2 * i, 2 * i + 1)) {
                place.returned();
                staged.drop();
                rethrow(fatal);
                return;
            }
            Thread.interrupted(); // A hook that interrupted itself must not trouble the next one.
            long now = System.nanoTime();
            boolean ends = answer != Answer.NOT_ASKED && settle(place, staged, answer, now - begun);
            if (ends || i + 1 == places.length) {
                turn.set(DONE);
                LockSupport.unpark(asker);
                rethrow(fatal);
                return;
            }
            begun = now;
            started = now;
            turn.set(2 * (i + 1));
        }
    }

    private Answer answerOf(Place place, Overlay staged) {
        Failure barred = place.barred();
        if (barred != null) {
            return new Answer(null, null, barred);
        }
        overlay = staged;
        try {
            return new Answer(question.ask(Objects.requireNonNull(place.hook()), staged), null, null);
        } catch (Throwable thrown) { // Errors too: a hook must never hurt the server.
            return new Answer(null, thrown, null);
        }
    }

    private boolean settle(Place place, Overlay staged, Answer answer, long nanos) {
        if (answer.barred() != null) {
            place.notAsked();
            return question.fail(place, answer.barred(), "", null, 0);
        }
        place.called(nanos);
        // A refusal that the hook swallowed is one too.
        Throwable thrown = answer.thrown() != null ? answer.thrown() : staged.refused();
        if (thrown != null) {
            staged.drop();
            Failure kind = thrown instanceof SecurityException ? Failure.ILLEGAL : Failure.EXCEPTION;
            return question.fail(place, kind, String.valueOf(thrown.getMessage()), thrown, nanos);
        }
        try {
            boolean ends = question.take(place, staged, answer.value(), nanos);
            staged.close();
            return ends;
        } catch (RuntimeException | Error illegal) { // The asking thread waits for this turn, so it must be settled.
            staged.drop();
            return question.fail(place, Failure.ILLEGAL, String.valueOf(illegal.getMessage()), illegal, nanos);
        }
    }

    /** Runs on the asking thread: takes the turn away from a hook whose time is over. */
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
        long budget = place.budgetNanos();
        place.called(budget);
        boolean ends = question.fail(place, Failure.TIMEOUT, "no answer within its budget", null, budget);
        if (ends || (now >> 1) + 1 == places.length) {
            turn.set(DONE);
        } else {
            begin((now >> 1) + 1);
        }
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
            @Nullable Throwable thrown,
            @Nullable Failure barred) {
        static final Answer NOT_ASKED = new Answer(null, null, null);
    }
}
