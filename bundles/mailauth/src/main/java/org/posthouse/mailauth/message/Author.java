// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.message;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;
import org.posthouse.mailauth.domain.DomainName;

/**
 * Who a message says it is from: the mailboxes of its From fields (RFC 5322 3.6.2, RFC 6854).
 *
 * @param addresses every address that a reader of the message may take for its author, in order, domains as A-labels in lower
 *     case; the likeliest first
 * @param clear whether there is one From field and it can be read in one way only; when not, readers may differ in what they
 *     show, and no domain of it should be believed on a good result alone
 * @param whole whether the addresses are all that stand there; when not, one has no domain that can be read, and a reader may be
 *     shown an author that is not among them
 */
public record Author(List<String> addresses, boolean clear, boolean whole) {
    public Author {
        addresses = List.copyOf(addresses);
    }

    /** The authors that these fields name. */
    public static Author of(Headers headers) {
        return of(headers.all("From"));
    }

    /** The authors that these From fields name. */
    public static Author of(List<Header> fields) {
        // One block of fields can name tens of thousands.
        SequencedSet<String> all = new LinkedHashSet<>();
        boolean clear = fields.size() == 1;
        boolean whole = true;
        for (Header field : fields) {
            Optional<List<String>> strict = Mailboxes.strictly(field.value());
            clear &= strict.isPresent();
            List<String> found = strict.orElseGet(() -> Mailboxes.anyhow(field.value()));
            for (String address : found) {
                Optional<String> ascii = withAscii(address);
                whole &= ascii.isPresent();
                ascii.ifPresent(all::add);
            }
        }
        return new Author(List.copyOf(all), clear && whole && !all.isEmpty(), whole);
    }

    /** The domains of the addresses, each once, in order. */
    public List<String> domains() {
        return addresses.stream().map(Author::domain).distinct().toList();
    }

    /** The one domain of all addresses; empty when there are several, or none. */
    public Optional<String> domain() {
        List<String> all = domains();
        return all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty();
    }

    private static String domain(String address) {
        return address.substring(address.lastIndexOf('@') + 1);
    }

    /** The address with its domain in A-labels; empty when that is no domain. */
    private static Optional<String> withAscii(String address) {
        int at = address.lastIndexOf('@');
        return DomainName.ascii(address.substring(at + 1)).map(domain -> address.substring(0, at + 1) + domain);
    }
}
