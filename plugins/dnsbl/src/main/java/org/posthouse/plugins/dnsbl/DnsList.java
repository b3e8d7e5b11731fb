// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.posthouse.api.service.Dns;

/** One DNS list with the entries of the configuration that speak of it; asked once for all of them. */
final class DnsList {
    private static final int MOST_OF_SYMBOL = 60;
    private static final int LOOPBACK = 127;
    private static final int LONGEST_NAME = 253;

    private final String zone;
    private final List<Entry> entries;
    private final Dns dns;
    private final Patience patience;

    DnsList(String zone, List<Entry> entries, Dns dns, Patience patience) {
        this.zone = zone;
        this.entries = List.copyOf(entries);
        this.dns = dns;
        this.patience = patience;
    }

    String zone() {
        return zone;
    }

    Patience patience() {
        return patience;
    }

    /** The most that it could add to a sum. */
    double most() {
        return entries.stream()
                .mapToDouble(entry -> Math.max(0, entry.weight()))
                .sum();
    }

    /** The symbol of its score. */
    String symbol(double points) {
        String symbol = (points < 0 ? "DNSWL_" : "DNSBL_")
                + zone.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
        return symbol.substring(0, Math.min(MOST_OF_SYMBOL, symbol.length()));
    }

    /** Asks about a subject; blocks as long as DNS does. */
    Word ask(Subject subject) {
        Dns.Answer<InetAddress> answer = dns.a(question(subject));
        return switch (answer.status()) {
            case TEMPORARY -> new Word(this, subject, Word.Outcome.UNANSWERED, 0, "no answer");
            case NO_NAME, NO_DATA -> new Word(this, subject, Word.Outcome.CLEAR, 0, "");
            case FOUND -> judge(subject, answer.records());
        };
    }

    /** Of a domain so long that the question would not fit, labels go on the left: lists hold what stands on the right. */
    private String question(Subject subject) {
        String name = subject.prefix();
        while (name.length() + 1 + zone.length() > LONGEST_NAME && name.indexOf('.') > 0) {
            name = name.substring(name.indexOf('.') + 1);
        }
        return name + "." + zone;
    }

    private Word judge(Subject subject, List<InetAddress> answers) {
        String shown = answers.stream().map(InetAddress::getHostAddress).collect(Collectors.joining(", "));
        List<byte[]> meant = new ArrayList<>();
        for (InetAddress answer : answers) {
            byte[] octets = answer.getAddress();
            if (isError(octets)) {
                return new Word(this, subject, Word.Outcome.ERROR, 0, "answers " + shown + ", which is no listing");
            }
            meant.add(octets);
        }
        boolean listed = false;
        double points = 0;
        for (Entry entry : entries) {
            if (meant.stream().anyMatch(octets -> counts(entry, octets))) {
                listed = true;
                points += entry.weight();
            }
        }
        if (!listed) {
            return new Word(this, subject, Word.Outcome.CLEAR, 0, shown);
        }
        // RFC 5782 5: what must not be listed is, where a list has died and its name leads anywhere now.
        if (dns.a(subject.control() + "." + zone).found()) {
            return new Word(this, subject, Word.Outcome.ERROR, 0, "lists everybody");
        }
        return new Word(this, subject, Word.Outcome.LISTED, points, shown);
    }

    /**
     * Whether an answer says something of the question, or that it was refused, instead of the subject. Answers are in
     * 127.0.0.0/8 (RFC 5782 2.1); others come from those who sell names that are free. By custom 127.255.255.0/24 and 127.0.0.1
     * tell that the asker is refused.
     */
    private boolean isError(byte[] answer) {
        if (answer.length != 4 || answer[0] != LOOPBACK) {
            return true;
        }
        if (answer[1] == -1 && answer[2] == -1) {
            return true;
        }
        boolean one = answer[1] == 0 && answer[2] == 0 && answer[3] == 1;
        return one && entries.stream().noneMatch(entry -> entry.filter().isPresent() && counts(entry, answer));
    }

    private static boolean counts(Entry entry, byte[] answer) {
        return entry.filter().map(filter -> filter.matches(answer)).orElse(true);
    }

    /** What the list tells people of a subject; octets as ISO 8859-1, empty when it tells nothing. */
    String text(Subject subject) {
        return String.join(" ", dns.txt(question(subject)).records());
    }
}
