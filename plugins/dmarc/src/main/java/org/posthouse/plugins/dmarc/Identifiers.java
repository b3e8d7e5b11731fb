// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Address;
import org.posthouse.api.AuthResults;
import org.posthouse.mailauth.domain.DomainName;

/**
 * What SPF and DKIM found of a message: the identifiers that they checked, with their results (RFC 9989 4.4).
 *
 * @param spf what SPF found of the domain of the reverse-path
 * @param dkim what was found of each signature
 */
record Identifiers(Spf spf, List<Dkim> dkim) {
    /** More signatures than anybody writes; each could cost a walk through DNS. */
    private static final int MOST_SIGNATURES = 20;

    /**
     * SPF of one identity.
     *
     * @param domain empty when none could be read
     * @param result the keyword of RFC 8601 2.7.2
     */
    record Spf(String domain, String result) {}

    /**
     * One signature.
     *
     * @param domain the {@code d=} of the signature
     * @param selector the {@code s=} of the signature, empty when the verifier did not say
     * @param result the keyword of RFC 8601 2.7.1
     */
    record Dkim(String domain, String selector, String result) {}

    Identifiers {
        dkim = List.copyOf(dkim);
    }

    /** Reads what the hooks before left in the transaction. */
    static Identifiers of(AuthResults results, Address sender) {
        return new Identifiers(spf(results, sender), dkim(results));
    }

    // RFC 7208 2.4: a null reverse-path is judged as postmaster of the HELO name. RFC 9989 4.4.2: else HELO does not
    // count.
    private static Spf spf(AuthResults results, Address sender) {
        return results.of("spf").stream()
                .filter(result -> sender.isNull()
                        || property(result, "smtp.mailfrom").isPresent()
                        || property(result, "smtp.helo").isEmpty())
                .findFirst()
                .map(result -> new Spf(
                        property(result, "smtp.mailfrom")
                                .filter(text -> !text.isEmpty())
                                .or(() -> property(result, "smtp.helo"))
                                .flatMap(Identifiers::domain)
                                .or(() -> DomainName.ascii(sender.domain()))
                                .orElse(""),
                        result.value()))
                .orElseGet(() -> new Spf(DomainName.ascii(sender.domain()).orElse(""), "none"));
    }

    private static List<Dkim> dkim(AuthResults results) {
        List<Dkim> all = new ArrayList<>();
        for (AuthResults.Result result : results.of("dkim")) {
            Optional<String> domain = property(result, "header.d").flatMap(DomainName::ascii);
            if (domain.isPresent() && all.size() < MOST_SIGNATURES) {
                all.add(new Dkim(domain.get(), property(result, "header.s").orElse(""), result.value()));
            }
        }
        return all;
    }

    private static Optional<String> domain(String mailbox) {
        return DomainName.ascii(mailbox.substring(mailbox.lastIndexOf('@') + 1));
    }

    private static Optional<String> property(AuthResults.Result result, String name) {
        for (String property : result.properties()) {
            int equals = name.length();
            if (property.regionMatches(true, 0, name, 0, equals) && property.startsWith("=", equals)) {
                return Optional.of(property.substring(equals + 1).replace("\"", ""));
            }
        }
        return Optional.empty();
    }
}
