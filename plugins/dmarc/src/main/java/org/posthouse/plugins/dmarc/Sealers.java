// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;
import org.posthouse.mailauth.message.DomainName;

/**
 * Forwarders whose word is taken for what a message was when it reached them (RFC 8617 7.2).
 *
 * <p>That the chain is intact says the hook {@code arc}. Its sets are read from the newest down as long as they are of a
 * trusted sealer: one of these must have seen DMARC pass for the author. What stands below the first stranger could have
 * been made up by that stranger.
 */
final class Sealers {
    /** RFC 8617 4.2.1. */
    private static final int MOST_SETS = 50;

    private static final Pattern INSTANCE = Pattern.compile("(?:^|;)\\s*i\\s*=\\s*(\\d{1,2})\\s*(?:;|$)");
    private static final Pattern DOMAIN = Pattern.compile("(?:^|;)\\s*d\\s*=\\s*([^;\\s]+)\\s*(?:;|$)");
    private static final Pattern SELECTOR = Pattern.compile("(?:^|;)\\s*s\\s*=\\s*([^;\\s]+)\\s*(?:;|$)");
    private static final Pattern PASS = Pattern.compile("^\\s*dmarc\\s*(?:/\\s*\\d+\\s*)?=\\s*pass(?![A-Za-z0-9-]).*");
    private static final Pattern FROM = Pattern.compile("\\bheader\\s*\\.\\s*from\\s*=\\s*\"?([^\\s;\"]+)");

    private final Set<String> trusted = new HashSet<>();

    Sealers(String[] domains) {
        for (String domain : domains) {
            trusted.add(DomainName.ascii(domain)
                    .orElseThrow(() -> new IllegalArgumentException("Not a domain of a sealer: " + domain)));
        }
    }

    /** Who vouches that the message passed for this author, in the words of RFC 8617 7.2.2; empty when nobody does. */
    Optional<String> vouch(AuthResults results, Headers headers, String author) {
        List<AuthResults.Result> chain = results.of("arc");
        boolean intact = !chain.isEmpty()
                && chain.stream().allMatch(result -> result.value().equals("pass"));
        if (trusted.isEmpty() || !intact) {
            return Optional.empty();
        }
        Map<Integer, String> seals = sets(headers, "ARC-Seal");
        Map<Integer, String> seen = sets(headers, "ARC-Authentication-Results");
        StringBuilder said = new StringBuilder("arc=pass");
        for (int instance = seals.size(); instance > 0; instance--) {
            String seal = seals.getOrDefault(instance, "");
            Optional<String> sealer = first(DOMAIN, seal).flatMap(DomainName::ascii);
            if (sealer.isEmpty() || !trusted.contains(sealer.get())) {
                return Optional.empty();
            }
            String set = " as[" + instance + "]";
            said.append(set).append(".d=").append(sealer.get());
            first(SELECTOR, seal)
                    .flatMap(DomainName::ascii)
                    .ifPresent(selector -> said.append(set).append(".s=").append(selector));
            if (passed(seen.getOrDefault(instance, ""), author)) {
                return Optional.of(said.toString());
            }
        }
        return Optional.empty();
    }

    /** The values of the fields of this name by their instance. */
    private static Map<Integer, String> sets(Headers headers, String name) {
        Map<Integer, String> sets = new HashMap<>();
        headers.all(name).stream()
                .limit(MOST_SETS)
                .map(Header::value)
                .forEach(value ->
                        first(INSTANCE, value).ifPresent(instance -> sets.put(Integer.parseInt(instance), value)));
        return sets;
    }

    private static Optional<String> first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Whether results of a sealer say that DMARC passed for this author (RFC 8601 2.2). */
    private static boolean passed(String value, String author) {
        for (String statement : Statements.of(value)) {
            if (PASS.matcher(statement.toLowerCase(Locale.ROOT)).matches()) {
                Optional<String> from = first(FROM, statement);
                if (from.isEmpty() || from.flatMap(DomainName::ascii).equals(Optional.of(author))) {
                    return true;
                }
            }
        }
        return false;
    }
}
