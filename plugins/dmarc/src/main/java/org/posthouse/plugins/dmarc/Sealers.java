// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;
import org.posthouse.api.Note;
import org.posthouse.api.Transaction;
import org.posthouse.mailauth.domain.DomainName;

/**
 * Forwarders whose word is taken for what a message was when it reached them (RFC 8617 7.2).
 *
 * <p>That the chain is intact, covers From and who sealed it says the hook {@code arc}; nothing of that is read here a second
 * time, for two readings could differ. Its sets are read from the newest down as long as they are of a trusted sealer: one of
 * these must have seen DMARC pass for the author. What stands below the first stranger could have been made up by that stranger.
 */
final class Sealers {
    /** The domains of the seals of a valid chain over From, that of instance 1 first, with spaces between. */
    static final Note<String> NOTE = new Note<>("arc.sealers", String.class, Note.Scope.TRANSACTION);

    /** RFC 8617 4.2.1. */
    private static final int MOST_SETS = 50;

    private static final Pattern INSTANCE = Pattern.compile("i\\s*=\\s*(\\d{1,2})");
    private static final Pattern SEAL_INSTANCE = Pattern.compile("(?:^|;)\\s*i\\s*=\\s*(\\d{1,2})\\s*(?:;|$)");
    private static final Pattern SELECTOR = Pattern.compile("(?:^|;)\\s*s\\s*=\\s*([^;\\s]+)\\s*(?:;|$)");
    private static final Pattern PASS = Pattern.compile("^\\s*dmarc\\s*(?:/\\s*\\d+\\s*)?=\\s*pass(?![A-Za-z0-9-]).*");

    /** The property, or a quoted text, in which nothing is one. */
    private static final Pattern FROM = Pattern.compile(
            "(?<![\\w.-])header\\s*\\.\\s*from\\s*=\\s*\"?([^\\s;\"]+)\"?|\"[^\"]*\"", Pattern.CASE_INSENSITIVE);

    private final Set<String> trusted = new HashSet<>();

    Sealers(String[] domains) {
        for (String domain : domains) {
            trusted.add(DomainName.ascii(domain)
                    .orElseThrow(() -> new IllegalArgumentException("Not a domain of a sealer: " + domain)));
        }
    }

    /** Who vouches that the message passed for this author, in the words of RFC 8617 7.2.2; empty when nobody does. */
    Optional<String> vouch(Transaction tx, Headers headers, String author) {
        Optional<String> note = trusted.isEmpty() ? Optional.empty() : tx.get(NOTE);
        return note.flatMap(by -> vouch(by, headers, author));
    }

    /** The same of what the hook arc says of the sealers: their domains from the first on, with blanks between. */
    Optional<String> vouch(String by, Headers headers, String author) {
        List<String> sealers = List.of(by.split(" "));
        Map<Integer, List<String>> seen = seen(headers);
        Map<Integer, String> selectors = selectors(headers);
        StringBuilder said = new StringBuilder("arc=pass");
        for (int instance = sealers.size(); instance > 0; instance--) {
            String sealer = sealers.get(instance - 1);
            List<String> statements = seen.getOrDefault(instance, List.of());
            if (!trusted.contains(sealer) || statements.isEmpty()) {
                return Optional.empty();
            }
            String set = " as[" + instance + "]";
            said.append(set).append(".d=").append(sealer);
            Optional.ofNullable(selectors.get(instance))
                    .ifPresent(selector -> said.append(set).append(".s=").append(selector));
            if (passed(statements, author)) {
                return Optional.of(said.toString());
            }
        }
        return Optional.empty();
    }

    /** What was seen at each instance, in statements; nothing at all when two fields claim one instance, or one field none. */
    private static Map<Integer, List<String>> seen(Headers headers) {
        Map<Integer, List<String>> seen = new HashMap<>();
        List<Header> fields = headers.all("ARC-Authentication-Results");
        if (fields.size() > MOST_SETS) {
            return Map.of();
        }
        for (Header field : fields) {
            List<String> statements = Statements.of(field.value());
            // RFC 8617 4.1.1: the instance stands first, and what looks like one further on is no instance.
            Matcher instance = INSTANCE.matcher(statements.getFirst());
            if (!instance.matches() || seen.put(Integer.parseInt(instance.group(1)), statements) != null) {
                return Map.of();
            }
        }
        return seen;
    }

    /** The selectors of the seals, which are told in reports. */
    private static Map<Integer, String> selectors(Headers headers) {
        Map<Integer, String> selectors = new HashMap<>();
        headers.all("ARC-Seal").stream()
                .limit(MOST_SETS)
                .map(Header::value)
                .forEach(seal -> first(SEAL_INSTANCE, seal)
                        .ifPresent(instance -> first(SELECTOR, seal)
                                .flatMap(DomainName::ascii)
                                .ifPresent(selector -> selectors.putIfAbsent(Integer.parseInt(instance), selector))));
        return selectors;
    }

    private static Optional<String> first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Whether results of a sealer say that DMARC passed for this author and no other (RFC 8601 2.2). */
    private static boolean passed(List<String> statements, String author) {
        return statements.stream()
                .filter(statement ->
                        PASS.matcher(statement.toLowerCase(Locale.ROOT)).matches())
                .map(Sealers::authors)
                .anyMatch(authors -> !authors.isEmpty()
                        && authors.stream()
                                .allMatch(one -> DomainName.ascii(one).equals(Optional.of(author))));
    }

    private static List<String> authors(String statement) {
        List<String> authors = new ArrayList<>();
        Matcher matcher = FROM.matcher(statement);
        while (matcher.find()) {
            Optional.ofNullable(matcher.group(1)).ifPresent(authors::add);
        }
        return authors;
    }
}
