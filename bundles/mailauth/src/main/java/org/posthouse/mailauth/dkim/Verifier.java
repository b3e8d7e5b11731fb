// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Header;
import org.posthouse.api.service.Dns;
import org.posthouse.mailauth.message.MessageReader;

/** Checks the signatures of a message (RFC 6376 6). The body is read once, and not at all when no signature has a key. */
public final class Verifier {
    private final Dns dns;
    private final Clock clock;
    private final Rules rules;

    /**
     * What is accepted, and how much is done for it.
     *
     * @param signatures how many signatures are checked, from the top; the others do not count
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
        List<Header> signatures = all.stream()
                .filter(field -> field.is(DkimSignature.NAME))
                .limit(rules.signatures())
                .toList();
        Keys keys = new Keys(dns, clock, rules.patience());
        List<Trial> trials = new ArrayList<>();
        List<Pending> pending = new ArrayList<>();
        for (Header field : signatures) {
            Claims claims = Claims.NONE;
            try {
                TagList tags = tags(field);
                claims = Claims.of(tags);
                Trial trial = Trial.begin(claims, DkimSignature.of(field, tags), keys, rules, clock.instant());
                trials.add(trial);
                pending.add((bodies, fields) -> trial.end(bodies, fields, rules));
            } catch (UnusableException e) {
                Check ended = Check.ended(claims, e);
                pending.add((bodies, fields) -> ended);
            }
        }
        BodyHashes bodies = hashed(message, trials);
        SignedFields fields = new SignedFields(all);
        return pending.stream().map(check -> check.end(bodies, fields)).toList();
    }

    /** A check that ends when the body is read. */
    @FunctionalInterface
    private interface Pending {
        Check end(BodyHashes bodies, SignedFields fields);
    }

    private static TagList tags(Header field) throws UnusableException {
        try {
            return TagList.parse(field.raw().substring(field.raw().indexOf(':') + 1));
        } catch (MalformedTagsException e) {
            throw SignatureTags.neutral(Optional.ofNullable(e.getMessage()).orElse(""));
        }
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
