// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What all lists said together. */
record Findings(List<Word> words) {
    static final Findings NONE = new Findings(List.of());

    Findings {
        words = List.copyOf(words);
    }

    Findings and(Findings more) {
        List<Word> all = new ArrayList<>(words);
        all.addAll(more.words);
        return new Findings(all);
    }

    /** The sum of the weights. */
    double sum() {
        return words.stream().mapToDouble(Word::points).sum();
    }

    /** What those that told nothing could have added to it. */
    double untold() {
        return words.stream()
                .filter(word -> !word.told())
                .mapToDouble(word -> word.list().most())
                .sum();
    }

    List<Word> listed() {
        return words.stream().filter(Word::listed).toList();
    }

    /** The listing of the most weight above 0. */
    Optional<Word> worst() {
        return words.stream().filter(word -> word.points() > 0).max(Comparator.comparingDouble(Word::points));
    }

    /** The lists of bad ones that name the subject. */
    String bad() {
        return words.stream()
                .filter(word -> word.points() > 0)
                .map(word -> word.list().zone())
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /** For log and trace; empty when no list names anybody. */
    @Override
    public String toString() {
        List<Word> listed = listed();
        return listed.isEmpty()
                ? ""
                : listed.stream().map(Word::toString).collect(Collectors.joining(", "))
                        + String.format(Locale.ROOT, ", sum %.2f", sum());
    }
}
