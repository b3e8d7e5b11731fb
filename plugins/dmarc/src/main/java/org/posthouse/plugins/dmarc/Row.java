// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What equal messages of one day have in common in an aggregate report (RFC 9990 3.1.1.7).
 *
 * @param source the address of the client
 * @param disposition what was done
 * @param dkimAligned whether a signature passed for an aligned domain
 * @param spfAligned whether SPF passed for an aligned domain
 * @param reasons why the policy was not applied
 * @param headerFrom the author domain
 * @param envelopeFrom the domain of the reverse-path, empty for the null one
 * @param identifiers what SPF and DKIM found
 */
record Row(
        String source,
        Policy disposition,
        boolean dkimAligned,
        boolean spfAligned,
        List<Ruling.Reason> reasons,
        String headerFrom,
        String envelopeFrom,
        Identifiers identifiers) {
    private static final String VERSION = "1";
    private static final int FIELDS = 11;

    /** Longer than a domain name, and no longer: comments and selectors come from strangers too. */
    private static final int LONGEST = 255;

    /** Enough to tell one source from another; a row that every signature of a stranger makes new would fill the day. */
    private static final int MOST_SIGNATURES = 10;

    Row {
        reasons = List.copyOf(reasons);
    }

    /** The row of a message. */
    static Row of(String source, Judgement judgement, Ruling ruling, String envelopeFrom, Identifiers identifiers) {
        List<Identifiers.Dkim> ordered = identifiers.dkim().stream()
                .sorted((a, b) -> Integer.compare(rank(a, judgement.author()), rank(b, judgement.author())))
                .limit(MOST_SIGNATURES)
                .toList();
        return new Row(
                source,
                ruling.disposition(),
                judgement.dkim(),
                judgement.spf(),
                ruling.reasons(),
                judgement.author(),
                envelopeFrom,
                new Identifiers(identifiers.spf(), ordered));
    }

    // RFC 9990 3.1.3: passing before failing ones, and of these the domain's own first.
    private static int rank(Identifiers.Dkim signature, String author) {
        if (!signature.result().equals("pass")) {
            return 2;
        }
        return signature.domain().equals(author) ? 0 : 1;
    }

    /** A line without a line end, from which {@link #parse} makes an equal row. */
    String line() {
        return String.join(
                "\t",
                VERSION,
                clean(source),
                disposition.word(),
                String.valueOf(dkimAligned),
                String.valueOf(spfAligned),
                reasons.stream()
                        .map(reason -> clean(reason.type()) + "|" + clean(reason.comment()))
                        .collect(Collectors.joining("~")),
                clean(headerFrom),
                clean(envelopeFrom),
                clean(identifiers.spf().domain()),
                clean(identifiers.spf().result()),
                identifiers.dkim().stream()
                        .map(dkim -> clean(dkim.domain()) + "|" + clean(dkim.selector()) + "|" + clean(dkim.result()))
                        .collect(Collectors.joining("~")));
    }

    /** Short and the same for equal rows. */
    String id() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(line().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    /** Reads a line; empty when it is of another version. */
    static Optional<Row> parse(String line) {
        String[] field = line.split("\t", -1);
        Optional<Policy> disposition = field.length == FIELDS ? Policy.of(field[2]) : Optional.empty();
        if (disposition.isEmpty() || !field[0].equals(VERSION)) {
            return Optional.empty();
        }
        List<Ruling.Reason> reasons = new ArrayList<>();
        for (String[] part : parts(field[5], 2)) {
            reasons.add(new Ruling.Reason(part[0], part[1]));
        }
        List<Identifiers.Dkim> dkim = new ArrayList<>();
        for (String[] part : parts(field[10], 3)) {
            dkim.add(new Identifiers.Dkim(part[0], part[1], part[2]));
        }
        return Optional.of(new Row(
                field[1],
                disposition.get(),
                Boolean.parseBoolean(field[3]),
                Boolean.parseBoolean(field[4]),
                reasons,
                field[6],
                field[7],
                new Identifiers(new Identifiers.Spf(field[8], field[9]), dkim)));
    }

    private static List<String[]> parts(String field, int each) {
        return Arrays.stream(field.split("~"))
                .map(part -> part.split("\\|", -1))
                .filter(part -> part.length == each)
                .toList();
    }

    private static String clean(String text) {
        String some = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        return some.replaceAll("[^\\x20-\\x7e]|[|~]", "?");
    }
}
