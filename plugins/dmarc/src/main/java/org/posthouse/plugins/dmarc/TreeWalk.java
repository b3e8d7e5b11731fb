// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Discovery by asking the names above a domain for their records (RFC 9989 4.10). */
final class TreeWalk implements Discovery {
    /** Names of more labels are cut to one less, so that no walk asks more than eight questions. */
    private static final int MOST = 8;

    private final Predicate<String> suffix;

    /**
     * A walk.
     *
     * @param suffix whether a name whose record does not say so is a public suffix all the same
     */
    TreeWalk(Predicate<String> suffix) {
        this.suffix = suffix;
    }

    /** A record that was met on the way. */
    private record Step(String domain, PolicyRecord record) {}

    @Override
    public String method() {
        return "treewalk";
    }

    @Override
    public Applicable policy(String author, Lookups lookups) {
        Lookups.Found own = lookups.record(author);
        if (!(own instanceof Lookups.Found.None none)) {
            return Applicable.of(author, own);
        }
        Optional<List<Step>> walked = walk(author, lookups);
        if (walked.isEmpty()) {
            return new Applicable.Unknown();
        }
        List<Step> steps = walked.get();
        if (steps.isEmpty()) {
            return new Applicable.Nothing(none.fault());
        }
        // RFC 9989 4.10.1: the record of the organisational domain, else that of the public suffix above it, which
        // ended the walk.
        String organisation = organisation(author, steps);
        Step chosen = steps.stream()
                .filter(step -> step.domain().equals(organisation))
                .findFirst()
                .orElse(steps.getLast());
        return Applicable.of(chosen.domain(), new Lookups.Found.One(chosen.record()));
    }

    @Override
    public Optional<String> organisation(String domain, Lookups lookups) {
        return walk(domain, lookups).map(steps -> organisation(domain, steps));
    }

    /** RFC 9989 4.10.2, from the longest name to the shortest. */
    private String organisation(String start, List<Step> steps) {
        for (Step step : steps) {
            PolicyRecord.Psd psd = psd(step);
            if (psd == PolicyRecord.Psd.NO) {
                return step.domain();
            }
            if (psd == PolicyRecord.Psd.YES && !step.domain().equals(start)) {
                return Labels.last(start, Labels.count(step.domain()) + 1);
            }
        }
        return steps.isEmpty() ? start : steps.getLast().domain();
    }

    /** The records on the way up; empty when one of them can not be told now. */
    private Optional<List<Step>> walk(String start, Lookups lookups) {
        List<Step> steps = new ArrayList<>();
        for (String name : names(start)) {
            Lookups.Found found = lookups.record(name);
            if (found instanceof Lookups.Found.Unknown) {
                return Optional.empty();
            }
            if (found instanceof Lookups.Found.One one) {
                Step step = new Step(name, one.record());
                steps.add(step);
                if (psd(step) != PolicyRecord.Psd.UNKNOWN) {
                    break;
                }
            }
        }
        return Optional.of(steps);
    }

    private PolicyRecord.Psd psd(Step step) {
        PolicyRecord.Psd said = step.record().psd();
        return said == PolicyRecord.Psd.UNKNOWN && suffix.test(step.domain()) ? PolicyRecord.Psd.YES : said;
    }

    /** The names that are asked: the start, then from seven labels at most to one. */
    static List<String> names(String start) {
        List<String> names = new ArrayList<>();
        names.add(start);
        for (int labels = Math.min(Labels.count(start), MOST) - 1; labels > 0; labels--) {
            names.add(Labels.last(start, labels));
        }
        return names;
    }
}
