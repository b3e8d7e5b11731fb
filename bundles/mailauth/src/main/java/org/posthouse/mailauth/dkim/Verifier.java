// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.posthouse.api.Header;
import org.posthouse.api.service.Dns;
import org.posthouse.mailauth.domain.DomainName;
import org.posthouse.mailauth.message.Author;
import org.posthouse.mailauth.message.MessageReader;

/** Checks the signatures of a message (RFC 6376 6). The body is read once, and not at all when no signature has a key. */
public final class Verifier {
    private final Dns dns;
    private final Clock clock;
    private final Rules rules;

    /**
     * What is accepted, and how much is done for it.
     *
     * @param signatures how many signatures are checked, those of the authors' domains before those of strangers, from the
     *     top; the others do not count
     * @param leastRsaBits the shortest RSA key, never less than 1024
     * @param partial whether a signature counts that leaves the end of the body out (tag l)
     * @param patience how long keys are asked for in all
     */
    public record Rules(int signatures, int leastRsaBits, boolean partial, Duration patience) {}

    /** Asks this resolver for keys, and compares expiries with this clock. */
    public Verifier(Dns dns, Clock clock, Rules rules) {
        this.dns = dns;
        this.clock = clock;
        this.rules = rules;
    }

    /** Checks, in the order of the fields; none when the message has no signature. */
    public List<Check> verify(MessageReader message) throws IOException {
        List<Header> all = message.fields();
        List<Candidate> candidates = new ArrayList<>();
        for (Header field : all) {
            if (field.is(DkimSignature.NAME)) {
                candidates.add(Candidate.of(field, candidates.size()));
            }
        }
        Keys keys = new Keys(dns, clock, rules.patience());
        List<Trial> trials = new ArrayList<>();
        SortedMap<Integer, Pending> pending = new TreeMap<>();
        for (Candidate candidate : authorsFirst(candidates, all)) {
            try {
                Trial trial = candidate.begin(keys, rules, clock.instant());
                trials.add(trial);
                pending.put(candidate.place(), (bodies, fields) -> trial.end(bodies, fields, rules));
            } catch (UnusableException e) {
                Check ended = Check.ended(candidate.claims(), e);
                pending.put(candidate.place(), (bodies, fields) -> ended);
            }
        }
        BodyHashes bodies = hashed(message, trials);
        SignedFields fields = new SignedFields(all);
        List<Check> checks = new ArrayList<>();
        pending.values().forEach(check -> checks.add(check.end(bodies, fields)));
        return checks;
    }

    /**
     * As many as are checked. Those of authors come first: strangers could put theirs on top until none is left to check, and
     * answer slowly until there is no time left.
     */
    private List<Candidate> authorsFirst(List<Candidate> candidates, List<Header> fields) {
        if (candidates.size() < 2) {
            return candidates;
        }
        List<String> authors = Author.of(
                        fields.stream().filter(field -> field.is("From")).toList())
                .domains();
        return candidates.stream()
                .sorted(Comparator.comparingInt(candidate -> candidate.distance(authors)))
                .limit(rules.signatures())
                .toList();
    }

    /**
     * A signature field whose key was not asked for yet.
     *
     * @param place which one of them it is, from the top
     * @param claims what it says of itself
     * @param tags what stands in it; empty when that can not be read
     * @param fault why it can not be read
     */
    private record Candidate(Header field, int place, Claims claims, Optional<TagList> tags, String fault) {
        private static final int STRANGER = 3;

        static Candidate of(Header field, int place) {
            try {
                TagList tags = TagList.parse(field.raw().substring(field.raw().indexOf(':') + 1));
                return new Candidate(field, place, Claims.of(tags), Optional.of(tags), "");
            } catch (MalformedTagsException e) {
                return new Candidate(field, place, Claims.NONE, Optional.empty(), String.valueOf(e.getMessage()));
            }
        }

        /** How far its domain is from those of the authors, from the same one to a stranger. */
        int distance(List<String> authors) {
            return authors.stream()
                    .mapToInt(author -> distance(claims.domain(), author))
                    .min()
                    .orElse(STRANGER);
        }

        private static int distance(String domain, String author) {
            if (domain.equals(author)) {
                return 0;
            }
            // Who may be of one organisation; whether they are is for DMARC to find out.
            boolean named = domain.indexOf('.') > 0;
            if (named && (DomainName.within(domain, author) || DomainName.within(author, domain))) {
                return 1;
            }
            return named && end(domain).equals(end(author)) ? 2 : STRANGER;
        }

        /** The last two labels. */
        private static String end(String domain) {
            return domain.substring(domain.lastIndexOf('.', domain.lastIndexOf('.') - 1) + 1);
        }

        Trial begin(Keys keys, Rules rules, Instant now) throws UnusableException {
            TagList read = tags.orElseThrow(() -> SignatureTags.neutral(fault));
            return Trial.begin(claims, DkimSignature.of(field, read), keys, rules, now);
        }
    }

    /** A check that ends when the body is read. */
    @FunctionalInterface
    private interface Pending {
        Check end(BodyHashes bodies, SignedFields fields);
    }

    private static BodyHashes hashed(MessageReader message, List<Trial> trials) throws IOException {
        BodyHashes bodies = new BodyHashes(
                trials.stream().map(trial -> trial.signature().tags().body()).toList());
        if (!trials.isEmpty()) {
            message.body(bodies);
            bodies.end();
        }
        return bodies;
    }
}
