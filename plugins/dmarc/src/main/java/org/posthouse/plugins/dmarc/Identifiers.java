// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.List;
import java.util.Locale;
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
        return results.of("dkim").stream()
                .flatMap(result -> property(result, "header.d")
                        .flatMap(DomainName::ascii)
                        .map(domain ->
                                new Dkim(domain, property(result, "header.s").orElse(""), result.value()))
                        .stream())
                .limit(MOST_SIGNATURES)
                .toList();
    }

    private static Optional<String> domain(String mailbox) {
        return DomainName.ascii(mailbox.substring(mailbox.lastIndexOf('@') + 1));
    }

    private static Optional<String> property(AuthResults.Result result, String name) {
        return result.properties().stream()
                .filter(property -> property.toLowerCase(Locale.ROOT).startsWith(name + "="))
                .map(property -> property.substring(name.length() + 1).replace("\"", ""))
                .findFirst();
    }
}
