// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.util.Locale;
import java.util.Optional;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Sender;
import org.posthouse.mailauth.domain.DomainName;

/** Which domain a transaction passed SPF for. */
final class SpfPass {
    private SpfPass() {}

    /**
     * The domain of the reverse-path, or for {@code <>} the name of HELO (RFC 7208 2.4), when a check says that the client
     * may send for it. A pass for a name of HELO says nothing of a reverse-path, for anybody has a name that passes.
     */
    static Optional<String> domain(AuthResults results, Sender sender) {
        return results.of("spf").stream()
                .filter(result -> result.value().equals("pass"))
                .flatMap(result -> result.properties().stream())
                .map(property -> identity(property, sender))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> identity(String property, Sender sender) {
        int equals = property.indexOf('=');
        String name = property.substring(0, Math.max(0, equals)).strip();
        String domain = domain(property.substring(equals + 1));
        boolean tells = sender.address().isNull()
                ? name.equals("smtp.helo")
                : name.equals("smtp.mailfrom") && domain.equals(ascii(sender.domain()));
        return tells && !domain.isEmpty() ? Optional.of(domain) : Optional.empty();
    }

    /** As it stands in results: with A-labels for U-labels. */
    private static String ascii(String domain) {
        return DomainName.ascii(domain).orElse(domain.toLowerCase(Locale.ROOT));
    }

    /** The domain of a property that has an address or a domain, perhaps in quotes. */
    private static String domain(String value) {
        String text = value.strip().replaceAll("^\"|\"$", "");
        return text.substring(text.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
    }
}
