// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Note;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.outside.network.Networks;

/** Who is spared the wait, and why; what costs least is asked first. */
final class Exemptions {
    /** Left by {@code dnsbl} when a list of known good clients has this one. */
    private static final Note<Boolean> LISTED_GOOD = new Note<>("dnsbl.allowed", Boolean.class, Note.Scope.SESSION);

    private final Networks clients;
    private final AddressList senders;
    private final AddressList recipients;
    private final AddressList domains;
    private final boolean dnswl;
    private final boolean spf;
    private final Allowances allowances;

    Exemptions(Greylisting.Config config, Allowances allowances) {
        this.clients = new Networks(config.exemptClients());
        this.senders = new AddressList("exemptSenders", config.exemptSenders());
        this.recipients = new AddressList("exemptRecipients", config.exemptRecipients());
        this.domains = new AddressList("domains", config.domains());
        this.dnswl = config.exemptDnswl();
        this.spf = config.spf().equals("exempt");
        this.allowances = allowances;
    }

    /** Whether the client is one of ours: neither asked nor counted. */
    static boolean ours(Session session) {
        return session.trusted() || session.authenticated();
    }

    /** Why this recipient is spared the wait, if it is. */
    Optional<String> of(Transaction tx, @Nullable InetAddress client, Address recipient) {
        Address sender = tx.sender().address();
        if (client == null) {
            return Optional.of("the client has no address");
        }
        if (!domains.isEmpty() && !domains.has(recipient)) {
            return Optional.of("not one of the domains");
        }
        if (clients.contain(client)) {
            return Optional.of("exemptClients");
        }
        if (recipients.has(recipient)) {
            return Optional.of("exemptRecipients");
        }
        if (!sender.isNull() && senders.has(sender)) {
            return Optional.of("exemptSenders");
        }
        if (dnswl && tx.session().get(LISTED_GOOD).orElse(false)) {
            return Optional.of("listed as good");
        }
        if (spf && SpfPass.domain(tx.results(), tx.sender()).isPresent()) {
            return Optional.of("passed SPF");
        }
        return allowances.covering(client, sender).map(what -> "allowed: " + what);
    }
}
