// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.net.InetAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.service.Dns;

/** The check of one identity of one client (RFC 7208 4, check_host). Used once, on the thread that asks. */
final class CheckHost {
    /** RFC 7208 4.6.4: more exchangers make a permerror, for their addresses are all asked for. */
    private static final int MOST_EXCHANGERS = 10;

    private final Dns dns;
    private final Client client;
    private final Identity identity;
    private final Questions questions;
    private final InstantSource clock;
    private final ReverseNames names;

    CheckHost(Dns dns, Client client, Identity identity, Questions questions, InstantSource clock) {
        this.dns = dns;
        this.client = client;
        this.identity = identity;
        this.questions = questions;
        this.clock = clock;
        this.names = new ReverseNames(dns, client.address(), questions);
    }

    /** What a record made of the client, and where a fail is explained. */
    private record Found(Result result, String why, Optional<MacroText> explanation, String domain) {
        static Found nothing(String domain) {
            return new Found(Result.NONE, "", Optional.empty(), domain);
        }
    }

    /**
     * Checks.
     *
     * @param explain whether the explanation of a fail is asked for
     */
    Judgement run(boolean explain) {
        try {
            Found found = check(identity.domain());
            String explanation = explain && found.result() == Result.FAIL ? explanation(found) : "";
            return new Judgement(found.result(), found.why(), explanation);
        } catch (SpfException e) {
            return new Judgement(e.result(), e.why());
        }
    }

    private Found check(String name) throws SpfException {
        Optional<String> askable = Domains.askable(name);
        Optional<String> text = askable.isEmpty() ? Optional.empty() : published(askable.get());
        if (text.isEmpty()) {
            return Found.nothing(name);
        }
        String domain = askable.get();
        SpfRecord record = SpfRecord.parse(text.get());
        for (Directive directive : record.directives()) {
            if (matches(directive.mechanism(), domain)) {
                return new Found(directive.result(), directive.text(), record.explanation(), domain);
            }
        }
        Optional<String> target = expanded(record.redirect(), domain);
        return target.isEmpty() ? new Found(Result.NEUTRAL, "", Optional.empty(), domain) : redirected(target.get());
    }

    /** RFC 7208 4.4, 4.5. */
    private Optional<String> published(String domain) throws SpfException {
        List<String> records = questions.must(() -> dns.txt(domain)).stream()
                .filter(SpfRecord::is)
                .toList();
        if (records.size() > 1) {
            throw SpfException.permanent("more than one record");
        }
        return records.stream().findFirst();
    }

    /** RFC 7208 6.1: the explanation is that of the target as well. */
    private Found redirected(String target) throws SpfException {
        questions.term();
        Found found = check(target);
        if (found.result() == Result.NONE) {
            throw SpfException.permanent("redirected to a domain without a record");
        }
        return found;
    }

    private boolean matches(Mechanism mechanism, String domain) throws SpfException {
        return switch (mechanism) {
            case Mechanism.All all -> true;
            case Mechanism.Ip ip -> ip.network().contains(client.address());
            case Mechanism.Include include -> asked(Optional.of(include.domain()), domain, this::included);
            case Mechanism.Exists exists -> asked(Optional.of(exists.domain()), domain, this::exists);
            case Mechanism.Ptr ptr -> asked(ptr.domain(), domain, names::in);
            case Mechanism.A a ->
                asked(a.domain(), domain, target -> {
                    return near(questions.find(() -> addresses(target)), a.near());
                });
            case Mechanism.Mx mx -> asked(mx.domain(), domain, target -> exchanges(target, mx.near()));
        };
    }

    /** What is asked of the domain of a term. */
    @FunctionalInterface
    private interface Asked {
        boolean of(String target) throws SpfException;
    }

    private boolean asked(Optional<MacroText> named, String domain, Asked question) throws SpfException {
        questions.term();
        Optional<String> target = named.isEmpty() ? Optional.of(domain) : expanded(named, domain);
        return target.isPresent() && question.of(target.get());
    }

    /** RFC 7208 5.2. */
    private boolean included(String target) throws SpfException {
        Result result = check(target).result();
        if (result == Result.NONE) {
            throw SpfException.permanent("includes a domain without a record");
        }
        return result == Result.PASS;
    }

    /** RFC 7208 5.7: IPv4 is asked for, whatever the client has. */
    private boolean exists(String target) throws SpfException {
        return !questions.find(() -> dns.a(target)).isEmpty();
    }

    /** RFC 7208 5.4. */
    private boolean exchanges(String target, Mechanism.Near near) throws SpfException {
        List<Dns.Mx> exchangers = questions.find(() -> dns.mx(target));
        if (exchangers.size() > MOST_EXCHANGERS) {
            throw SpfException.permanent("more than " + MOST_EXCHANGERS + " mail exchangers");
        }
        for (Dns.Mx exchanger : exchangers) {
            boolean named = !exchanger.host().isEmpty();
            if (named && near(questions.must(() -> addresses(exchanger.host())), near)) {
                return true;
            }
        }
        return false;
    }

    private Dns.Answer<InetAddress> addresses(String host) {
        return client.ip6() ? dns.aaaa(host) : dns.a(host);
    }

    private boolean near(List<InetAddress> addresses, Mechanism.Near near) {
        return addresses.stream()
                .anyMatch(address -> near.around(address.getAddress()).contains(client.address()));
    }

    private Optional<String> expanded(Optional<MacroText> text, String domain) throws SpfException {
        return text.isEmpty() ? Optional.empty() : text.get().domain(letter -> value(letter, domain));
    }

    /** RFC 7208 7.2. */
    private Optional<String> value(char letter, String domain) throws SpfException {
        // RFC 8616 4: no name in DNS has such a local part, so what uses it matches nothing.
        if ((letter == 's' || letter == 'l') && identity.international()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (letter) {
                    case 's' -> identity.toString();
                    case 'l' -> identity.local();
                    case 'o' -> identity.domain();
                    case 'd' -> domain;
                    case 'i' -> Addresses.dotted(client.address());
                    case 'p' -> names.best(domain);
                    case 'v' -> Addresses.reverse(client.address());
                    case 'h' -> client.helo();
                    case 'c' -> Addresses.readable(client.address());
                    case 'r' -> client.receiver();
                    case 't' -> Long.toString(clock.instant().getEpochSecond());
                    default -> throw new IllegalStateException("no macro: " + letter);
                });
    }

    /** RFC 7208 6.2: whatever goes wrong, there is no explanation, and the result stays. */
    private String explanation(Found found) {
        try {
            Optional<String> target = expanded(found.explanation(), found.domain());
            if (target.isEmpty()) {
                return "";
            }
            Dns.Answer<String> answer = questions.ask(() -> dns.txt(target.get()));
            if (answer.records().size() != 1) {
                return "";
            }
            return MacroText.parse(answer.records().get(0), MacroText.Use.EXPLANATION)
                    .explanation(letter -> value(letter, found.domain()))
                    .orElse("");
        } catch (SpfException e) {
            return "";
        }
    }
}
