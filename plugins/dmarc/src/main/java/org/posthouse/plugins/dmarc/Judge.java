// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.Optional;
import org.posthouse.mailauth.domain.DomainName;
import org.posthouse.plugins.dmarc.Discovery.Applicable;
import org.posthouse.plugins.dmarc.Discovery.Applicable.Published;
import org.posthouse.plugins.dmarc.Judgement.Result;

/** Judges by the record of a domain whether one of the identifiers of a message stands for it (RFC 9989 5.3). */
final class Judge {
    private final Discovery discovery;

    Judge(Discovery discovery) {
        this.discovery = discovery;
    }

    /** Whether an identifier passed for an aligned domain. */
    private enum Alignment {
        YES,
        NO,
        /** It would, or would not, if DNS had answered. */
        UNKNOWN
    }

    Judgement judge(String author, Identifiers identifiers, Lookups lookups) {
        return switch (discovery.policy(author, lookups)) {
            case Applicable.Nothing nothing -> Judgement.without(author, Result.NONE, nothing.reason());
            case Applicable.Unknown unknown ->
                Judgement.without(author, Result.TEMPERROR, "DNS does not tell the policy of " + author);
            case Published published -> judge(author, identifiers, published, lookups);
        };
    }

    private Judgement judge(String author, Identifiers identifiers, Published published, Lookups lookups) {
        PolicyRecord record = published.record();
        Alignment spf =
                align(author, identifiers.spf().domain(), identifiers.spf().result(), record.strictSpf(), lookups);
        Alignment dkim = Alignment.NO;
        for (Identifiers.Dkim signature : identifiers.dkim()) {
            if (dkim != Alignment.YES) {
                dkim = better(
                        dkim, align(author, signature.domain(), signature.result(), record.strictDkim(), lookups));
            }
        }
        boolean pass = spf == Alignment.YES || dkim == Alignment.YES;
        boolean unknown = spf == Alignment.UNKNOWN || dkim == Alignment.UNKNOWN;
        boolean sub = !author.equals(published.domain());
        // Whether the domain exists matters to failing mail alone; what passed is not worth the question.
        boolean asks = !pass && !unknown && sub && record.np().isPresent();
        Optional<Boolean> exists = asks ? lookups.exists(author) : Optional.of(true);
        Policy policy = record.of(sub, exists.orElse(true));
        Result result = pass ? Result.PASS : unknown || exists.isEmpty() ? Result.TEMPERROR : Result.FAIL;
        String reason = result == Result.TEMPERROR ? "an aligned identifier could not be checked now" : "";
        return new Judgement(
                author, result, Optional.of(published), policy, spf == Alignment.YES, dkim == Alignment.YES, reason);
    }

    private static Alignment better(Alignment one, Alignment other) {
        if (one == Alignment.YES || other == Alignment.YES) {
            return Alignment.YES;
        }
        return one == Alignment.UNKNOWN ? one : other;
    }

    /** Whether this identifier makes the message pass; a check that could not be made counts only where it could have. */
    private Alignment align(String author, String domain, String result, boolean strict, Lookups lookups) {
        boolean passed = result.equals("pass");
        if (!passed && !result.equals("temperror")) {
            return Alignment.NO;
        }
        Alignment aligned = aligned(author, domain, strict, lookups);
        return passed || aligned == Alignment.NO ? aligned : Alignment.UNKNOWN;
    }

    private Alignment aligned(String author, String domain, boolean strict, Lookups lookups) {
        if (domain.equals(author)) {
            return Alignment.YES;
        }
        if (strict || domain.isEmpty()) {
            return Alignment.NO;
        }
        Optional<String> organisation = discovery.organisation(author, lookups);
        if (organisation.isEmpty()) {
            return Alignment.UNKNOWN;
        }
        // The organisation of a domain is the domain itself or above it, so no other needs a walk of its own.
        if (!DomainName.within(domain, organisation.get())) {
            return Alignment.NO;
        }
        return discovery
                .organisation(domain, lookups)
                .map(own -> own.equals(organisation.get()) ? Alignment.YES : Alignment.NO)
                .orElse(Alignment.UNKNOWN);
    }
}
