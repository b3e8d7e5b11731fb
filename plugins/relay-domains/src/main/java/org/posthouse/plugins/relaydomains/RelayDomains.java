// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.relaydomains;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Address;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.RcptHook;

/** Accepts recipients in the domains this server takes mail for, and refuses addresses that would relay through them. */
@Hook(name = "relay-domains", needs = Need.ACCEPT)
@Component(configurationPid = "relay-domains", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = RelayDomains.Config.class)
public final class RelayDomains implements RcptHook {
    /** What the operator lists. */
    @ObjectClassDefinition(name = "Relay domains")
    @interface Config {
        @AttributeDefinition(description = "Domains whose mail is taken.", required = false)
        String[] domains() default {};

        @AttributeDefinition(
                description = "The only recipients that exist in these domains, as full addresses; none is all."
                        + " postmaster exists always.",
                required = false)
        String[] recipients() default {};
    }

    private final Set<String> domains;
    private final Set<String> recipients;

    @Activate
    public RelayDomains(Config config) {
        domains = lowered(config.domains());
        recipients = lowered(config.recipients());
        for (String domain : domains) {
            if (domain.indexOf('@') >= 0 || domain.indexOf('*') >= 0) {
                throw new IllegalArgumentException("domains: '" + domain + "' is no domain");
            }
        }
        for (String recipient : recipients) {
            if (recipient.indexOf('@') < 1) {
                throw new IllegalArgumentException("recipients: '" + recipient + "' is no full address");
            }
        }
    }

    private static Set<String> lowered(String[] values) {
        Set<String> lowered = new HashSet<>();
        for (String value : values) {
            lowered.add(value.strip().toLowerCase(Locale.ROOT));
        }
        return Set.copyOf(lowered);
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        Address address = recipient.address();
        if (!domains.contains(address.domain())) {
            return Verdict.next();
        }
        // RFC 5321 4.1.2: quotes that were not needed make no other address.
        String local = unquoted(address.local());
        if (reroutes(local)) {
            return Verdict.reject(553, "5.7.1", "Recipient address not accepted")
                    .because("the local part names another host, or a program");
        }
        // RFC 5321 4.5.1: postmaster exists in every domain, in any case.
        boolean known = recipients.isEmpty()
                || local.equalsIgnoreCase("postmaster")
                || recipients.contains((local + "@" + address.domain()).toLowerCase(Locale.ROOT));
        return known ? Verdict.accept() : Verdict.reject("5.1.1", "No such recipient here");
    }

    /**
     * Whether a host further on could take the local part without its quotes for another address (percent hack, bang path, source route, a
     * quoted address), for a list, or for a file or program.
     */
    private static boolean reroutes(String text) {
        return text.isEmpty()
                || text.chars().anyMatch(c -> "@%!,:;<>".indexOf(c) >= 0 || c < 32 || c == 127)
                || text.startsWith("|")
                || text.startsWith("/");
    }

    /** The local part without quotes and the backslashes in them (RFC 5321 4.1.2). */
    private static String unquoted(String local) {
        StringBuilder text = new StringBuilder(local.length());
        for (int i = 0; i < local.length(); i++) {
            char c = local.charAt(i);
            if (c == '\\' && i + 1 < local.length()) {
                i++;
                text.append(local.charAt(i));
            } else if (c != '"') {
                text.append(c);
            }
        }
        return text.toString();
    }
}
