// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.posthouse.api.service.Dns;

/** Some lists that are asked at the same time, each for a bounded time. */
final class Panel {
    private final List<DnsList> lists;
    private final Duration timeout;
    private final Consumer<Word> heard;

    private Panel(List<DnsList> lists, Duration timeout, Consumer<Word> heard) {
        this.lists = lists;
        this.timeout = timeout;
        this.heard = heard;
    }

    /**
     * The lists of these entries; entries of the same zone are one list.
     *
     * @param timeout how long a list may take
     * @param rest for how long one that fails is left out
     * @param heard is given every word
     * @throws IllegalArgumentException when an entry is none
     */
    static Panel of(
            String[] entries, Duration timeout, Duration rest, Dns dns, LongSupplier nanos, Consumer<Word> heard) {
        Map<String, List<Entry>> zones = new LinkedHashMap<>();
        for (String text : entries) {
            Entry entry = Entry.parse(text);
            zones.computeIfAbsent(entry.zone(), zone -> new ArrayList<>()).add(entry);
        }
        List<DnsList> lists = new ArrayList<>();
        zones.forEach((zone, those) -> lists.add(new DnsList(zone, those, dns, new Patience(zone, rest, nanos))));
        return new Panel(lists, timeout, heard);
    }

    boolean isEmpty() {
        return lists.isEmpty();
    }

    /** What is wrong with lists that are left out now, one sentence each. */
    Stream<String> trouble() {
        return lists.stream().map(list -> list.patience().trouble()).filter(text -> !text.isEmpty());
    }

    /** A question to a list. */
    private record Ask(DnsList list, Subject subject) implements Callable<Word> {
        @Override
        public Word call() {
            return list.ask(subject);
        }

        Word not(Word.Outcome outcome, String detail) {
            return new Word(list, subject, outcome, 0, detail);
        }
    }

    /** Asks every list about every subject, all at once. */
    List<Word> ask(List<Subject> subjects) {
        List<Word> words = new ArrayList<>();
        List<Ask> asks = new ArrayList<>();
        for (DnsList list : lists) {
            boolean asked = list.patience().asks();
            for (Subject subject : subjects) {
                Ask ask = new Ask(list, subject);
                if (asked) {
                    asks.add(ask);
                } else {
                    words.add(ask.not(Word.Outcome.RESTING, "left out"));
                }
            }
        }
        words.addAll(within(timeout, asks));
        words.forEach(this::note);
        return words;
    }

    /** What they say; those that take longer are interrupted, and said nothing. */
    private static List<Word> within(Duration time, List<Ask> asks) {
        List<Word> words = new ArrayList<>();
        if (asks.isEmpty()) {
            return words;
        }
        // Closing waits for those that were interrupted, and Dns gives up at once then.
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Word>> told = threads.invokeAll(asks, time.toMillis(), TimeUnit.MILLISECONDS);
            for (int i = 0; i < asks.size(); i++) {
                words.add(word(asks.get(i), told.get(i)));
            }
            return words;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while lists were asked", e);
        }
    }

    private static Word word(Ask ask, Future<Word> told) throws InterruptedException {
        if (told.state() == Future.State.CANCELLED) {
            return ask.not(Word.Outcome.UNANSWERED, "no answer in time");
        }
        try {
            return told.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(ask.list().zone() + " could not be asked", e.getCause());
        }
    }

    private void note(Word word) {
        heard.accept(word);
        switch (word.outcome()) {
            case LISTED, CLEAR -> word.list().patience().answered();
            case ERROR, UNANSWERED -> word.list().patience().failed(word.detail());
            case RESTING -> {}
        }
    }

    /** What the list of a word tells people, within the time of a list. */
    String text(Word word) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> one = List.of(() -> word.list().text(word.subject()));
            Future<String> told = threads.invokeAll(one, timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .getFirst();
            return told.state() == Future.State.SUCCESS ? told.resultNow() : "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a list was asked", e);
        }
    }
}
