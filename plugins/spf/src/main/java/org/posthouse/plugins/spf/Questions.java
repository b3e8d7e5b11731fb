// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.posthouse.api.service.Dns;

/** The questions of one check, counted and bounded in time (RFC 7208 4.6.4). */
final class Questions {
    /** Terms that ask DNS, of all records of a check together. */
    private static final int MOST_TERMS = 10;

    private final LongSupplier nanos;
    private final long end;
    private final int mostVoid;
    private int terms;
    private int voids;

    /**
     * Questions from now on.
     *
     * @param nanos a clock that runs evenly
     * @param end until when by that clock
     * @param mostVoid how many terms may find nothing
     */
    Questions(LongSupplier nanos, long end, int mostVoid) {
        this.nanos = nanos;
        this.end = end;
        this.mostVoid = mostVoid;
    }

    /** A term is about to ask. */
    void term() throws SpfException {
        if (++terms > MOST_TERMS) {
            throw SpfException.permanent("more than " + MOST_TERMS + " terms ask DNS");
        }
    }

    /** Asks, unless there was no time left. */
    <T> Dns.Answer<T> ask(Supplier<Dns.Answer<T>> question) throws SpfException {
        if (nanos.getAsLong() - end >= 0) {
            throw SpfException.temporary("no time left to ask DNS");
        }
        return question.get();
    }

    /** Asks for what the term can not do without. */
    <T> List<T> must(Supplier<Dns.Answer<T>> question) throws SpfException {
        Dns.Answer<T> answer = ask(question);
        if (answer.status() == Dns.Status.TEMPORARY) {
            throw SpfException.temporary("no answer of DNS");
        }
        return answer.records();
    }

    /** The question of a term, which counts when it finds nothing (RFC 7208 4.6.4, void lookups). */
    <T> List<T> find(Supplier<Dns.Answer<T>> question) throws SpfException {
        List<T> found = must(question);
        if (found.isEmpty()) {
            nothing();
        }
        return found;
    }

    /** A term found nothing. */
    void nothing() throws SpfException {
        if (++voids > mostVoid) {
            throw SpfException.permanent("more than " + mostVoid + " terms find nothing");
        }
    }
}
