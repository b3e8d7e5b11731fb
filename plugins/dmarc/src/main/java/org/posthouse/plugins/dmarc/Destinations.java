// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Address;
import org.posthouse.api.service.Dns;
import org.posthouse.mailauth.domain.DomainName;

/** Finds out who may be sent the reports that a record asks for (RFC 9990 4): nobody gets them who did not agree. */
final class Destinations {
    /** RFC 7489 6.2 wants two at least, RFC 9989 4.6 each that is listed; a list without end is an attack. */
    private static final int MOST = 10;

    private final Dns dns;
    private final Discovery discovery;

    Destinations(Dns dns, Discovery discovery) {
        this.dns = dns;
        this.discovery = discovery;
    }

    /** What is known of one address of a record. */
    sealed interface Destination {
        /** Reports go there, in this size at most. */
        record Open(Address mailbox, long limit) implements Destination {}

        /** None go there. */
        record Closed(String uri, String reason) implements Destination {}

        /** It can not be told now. */
        record Unknown(String uri) implements Destination {}
    }

    /** All that the record of a domain names, in its order. */
    List<Destination> of(String domain, PolicyRecord record, Lookups lookups) {
        List<Destination> all = new ArrayList<>();
        for (ReportUri uri : record.rua().subList(0, Math.min(MOST, record.rua().size()))) {
            if (uri.mailbox().isEmpty()) {
                all.add(new Destination.Closed(uri.text(), "no mailto: of one mailbox"));
            } else {
                all.addAll(verified(domain, uri, uri.mailbox().get(), lookups));
            }
        }
        return all.stream().distinct().toList();
    }

    private List<Destination> verified(String domain, ReportUri uri, Address mailbox, Lookups lookups) {
        String host = mailbox.domain();
        if (host.equals(domain)) {
            return List.of(new Destination.Open(mailbox, uri.limit()));
        }
        Optional<String> own = discovery.organisation(domain, lookups);
        Optional<String> other = discovery.organisation(host, lookups);
        if (own.isEmpty() || other.isEmpty()) {
            return List.of(new Destination.Unknown(uri.text()));
        }
        return own.equals(other)
                ? List.of(new Destination.Open(mailbox, uri.limit()))
                : agreed(domain, uri, mailbox, host);
    }

    /** Steps 2 to 9 of RFC 9990 4. */
    private List<Destination> agreed(String domain, ReportUri uri, Address mailbox, String host) {
        Optional<String> name = DomainName.ascii(domain + "._report._dmarc." + host);
        if (name.isEmpty()) {
            return List.of(new Destination.Closed(uri.text(), "the name of its agreement would be too long"));
        }
        Dns.Answer<String> answer = dns.txt(name.get());
        if (answer.status() == Dns.Status.TEMPORARY) {
            return List.of(new Destination.Unknown(uri.text()));
        }
        List<PolicyRecord> agreements = answer.records().stream()
                .map(PolicyRecord::parse)
                .flatMap(Optional::stream)
                .toList();
        if (agreements.isEmpty()) {
            return List.of(new Destination.Closed(uri.text(), host + " does not agree at " + name.get()));
        }
        List<ReportUri> instead =
                agreements.stream().flatMap(one -> one.rua().stream()).toList();
        if (instead.isEmpty()) {
            return List.of(new Destination.Open(mailbox, uri.limit()));
        }
        // Step 9: who agrees may name other mailboxes, of the same host alone; else neither gets anything.
        boolean same = instead.stream()
                .allMatch(one ->
                        one.mailbox().map(box -> box.domain().equals(host)).orElse(false));
        return same
                ? instead.stream()
                        .limit(MOST)
                        .<Destination>map(
                                one -> new Destination.Open(one.mailbox().orElseThrow(), one.limit()))
                        .toList()
                : List.of(new Destination.Closed(uri.text(), host + " names mailboxes of somebody else"));
    }
}
