// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.Address;

/**
 * The Sender Rewriting Scheme: gives forwarded mail a reverse-path of ours, so that SPF of the next hop asks about us, and
 * finds the way back for what bounces.
 *
 * <pre>
 * SRS0=hash=day=domain=local@ours          of local@domain
 * SRS1=hash=first=rest@ours                of SRS0rest@first, which another forwarder wrote, or of its SRS1
 * </pre>
 */
final class Srs {
    private static final Pattern OURS0 =
            Pattern.compile("SRS0[=+-]([^=]+)=([^=]{2})=([^=]+)=(.+)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern ANY0 = Pattern.compile("SRS0([=+-].+)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern ANY1 =
            Pattern.compile("SRS1[=+-]([^=]+)=([^=\\s<>@\"]+)=([=+-].+)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern CLAIM = Pattern.compile("SRS[01][=+-].*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** RFC 5321 4.5.3.1.3: a path has at most 256 octets, two of them brackets. */
    private static final int LONGEST = 254;

    private final String domain;
    private final Secrets secrets;
    private final int maxAgeDays;
    private final Clock clock;

    Srs(String domain, Secrets secrets, int maxAgeDays, Clock clock) {
        this.domain = domain;
        this.secrets = secrets;
        this.maxAgeDays = maxAgeDays;
        this.clock = clock;
    }

    /** Where an address of ours leads back to. */
    sealed interface Reversed {
        /** To this one. */
        record Valid(Address original) implements Reversed {}

        /** Nowhere. */
        record Invalid(String reason) implements Reversed {}
    }

    /** Whether an address says that we wrote it. */
    boolean claims(Address address) {
        return !domain.isEmpty()
                && address.domain().equals(domain)
                && CLAIM.matcher(LocalPart.text(address.local())).matches();
    }

    /**
     * The reverse-path for mail of this sender that we forward; empty when it would be too long.
     *
     * @param sender neither the null reverse-path nor without a domain
     */
    Optional<Address> rewrite(Address sender) {
        if (sender.domain().equals(domain)) {
            return Optional.of(sender);
        }
        String local = LocalPart.text(sender.local());
        Matcher second = ANY1.matcher(local);
        if (second.matches()) {
            return named(chained(second.group(2), second.group(3)));
        }
        Matcher first = ANY0.matcher(local);
        if (first.matches()) {
            return named(chained(sender.domain(), first.group(1)));
        }
        String signed = Stamp.of(clock.instant()) + "=" + sender.domain() + "=" + local;
        return named("SRS0=" + secrets.sign("SRS0=" + signed) + "=" + signed);
    }

    /** However many forward, the address keeps its length: it names the first of them, who knows the way from there. */
    private String chained(String first, String rest) {
        String signed = first + "=" + rest;
        return "SRS1=" + secrets.sign("SRS1=" + signed) + "=" + signed;
    }

    private Optional<Address> named(String local) {
        Address address = new Address(LocalPart.wire(local), domain);
        boolean fits = address.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST;
        return fits ? Optional.of(address) : Optional.empty();
    }

    /** Reverses an address that claims to be ours. */
    Reversed reverse(Address address) {
        String local = LocalPart.text(address.local());
        Matcher second = ANY1.matcher(local);
        if (second.matches()) {
            String signed = second.group(2) + "=" + second.group(3);
            return secrets.verify("SRS1=" + signed, second.group(1))
                    ? original("SRS0" + second.group(3), second.group(2))
                    : new Reversed.Invalid("SRS1 address with a forged hash");
        }
        Matcher first = OURS0.matcher(local);
        if (!first.matches()) {
            return new Reversed.Invalid("SRS address of a wrong form");
        }
        String signed = first.group(2) + "=" + first.group(3) + "=" + first.group(4);
        if (!secrets.verify("SRS0=" + signed, first.group(1))) {
            return new Reversed.Invalid("SRS0 address with a forged hash");
        }
        int age = Stamp.age(first.group(2), clock.instant());
        return age >= 0 && age <= maxAgeDays
                ? original(first.group(4), first.group(3))
                : new Reversed.Invalid("SRS0 address of " + age + " days ago");
    }

    private static Reversed original(String local, String domain) {
        return new Reversed.Valid(new Address(LocalPart.wire(local), domain));
    }
}
