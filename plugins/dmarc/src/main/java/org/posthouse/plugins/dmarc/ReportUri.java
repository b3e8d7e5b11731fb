// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.Address;
import org.posthouse.mailauth.domain.DomainName;

/**
 * Where reports are wanted (RFC 9989 4.6, RFC 7489 6.2).
 *
 * @param text the URI without its size
 * @param mailbox the address of a {@code mailto:} URI; nothing for other schemes, which no report goes to
 * @param limit the most octets a report may have there
 */
record ReportUri(String text, Optional<Address> mailbox, long limit) {
    private static final Pattern SIZED = Pattern.compile("(.*)!(\\d{1,12})([kmgtKMGT]?)");
    private static final Pattern MAILBOX = Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@([^@]+)");
    private static final String MAILTO = "mailto:";

    /** One of a list; empty when it is no URI. */
    static Optional<ReportUri> parse(String text) {
        Matcher sized = SIZED.matcher(text);
        String uri = sized.matches() ? sized.group(1) : text;
        long limit = sized.matches() ? octets(Long.parseLong(sized.group(2)), sized.group(3)) : Long.MAX_VALUE;
        try {
            URI parsed = new URI(uri);
            return parsed.getScheme() == null
                    ? Optional.empty()
                    : Optional.of(new ReportUri(uri, mailbox(parsed, uri), limit));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    // RFC 7489 6.2: a power of two for each unit.
    private static long octets(long number, String unit) {
        int shift = unit.isEmpty() ? 0 : 10 * ("kmgt".indexOf(unit.toLowerCase(Locale.ROOT)) + 1);
        return number > Long.MAX_VALUE >> shift ? Long.MAX_VALUE : number << shift;
    }

    // RFC 6068 2, without the header fields behind a question mark: a report has its own.
    private static Optional<Address> mailbox(URI uri, String text) {
        if (!text.regionMatches(true, 0, MAILTO, 0, MAILTO.length())) {
            return Optional.empty();
        }
        String decoded = uri.getSchemeSpecificPart();
        String address = decoded.substring(0, decoded.indexOf('?') < 0 ? decoded.length() : decoded.indexOf('?'));
        Matcher mailbox = MAILBOX.matcher(address);
        if (!mailbox.matches()) {
            return Optional.empty();
        }
        return DomainName.ascii(mailbox.group(1))
                .map(domain -> new Address(address.substring(0, address.indexOf('@')), domain));
    }
}
