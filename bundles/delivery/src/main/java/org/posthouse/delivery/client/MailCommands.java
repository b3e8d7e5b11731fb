// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.util.Optional;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.mailauth.domain.DomainName;

/** The commands of an envelope with the parameters that were offered, and no others (RFC 5321 2.2.1). */
final class MailCommands {
    private final Extensions extensions;
    private final Shipment shipment;
    private final boolean utf8;

    /** @param utf8 whether the transaction needs SMTPUTF8, and it is offered */
    MailCommands(Extensions extensions, Shipment shipment, boolean utf8) {
        this.extensions = extensions;
        this.shipment = shipment;
        this.utf8 = utf8;
    }

    String mail(boolean sevenBit) {
        Sender sender = shipment.sender();
        StringBuilder out = new StringBuilder(128);
        out.append("MAIL FROM:<").append(path(shipment.from()).orElseThrow()).append('>');
        if (extensions.size()) {
            out.append(" SIZE=").append(shipment.content().size());
        }
        if (sender.body() == BodyType.BINARY && extensions.binaryMime() && extensions.chunking()) {
            out.append(" BODY=BINARYMIME");
        } else if (shipment.eightBit() && !sevenBit && extensions.eightBitMime()) {
            out.append(" BODY=8BITMIME");
        }
        if (utf8) {
            out.append(" SMTPUTF8");
        }
        if (extensions.dsn()) {
            parameter(out, " RET=", sender.ret());
            parameter(out, " ENVID=", Xtext.encode(sender.envelopeId()));
        }
        return out.toString();
    }

    String rcpt(Recipient recipient) {
        StringBuilder out = new StringBuilder(96);
        out.append("RCPT TO:<").append(path(recipient.address()).orElseThrow()).append('>');
        if (extensions.dsn()) {
            parameter(out, " NOTIFY=", recipient.notifyOn());
            if (!recipient.original().isEmpty()) {
                parameter(out, " ORCPT=", Xtext.original(recipient.original()));
            }
        }
        return out.toString();
    }

    private static void parameter(StringBuilder out, String name, String value) {
        if (!value.isEmpty()) {
            out.append(name).append(value);
        }
    }

    /** The path as it can travel here; empty when it can not (RFC 6531 3.2). */
    Optional<String> path(Address address) {
        if (utf8 || !address.international()) {
            return Optional.of(address.toString());
        }
        if (address.local().chars().anyMatch(c -> c > 127)) {
            return Optional.empty();
        }
        return DomainName.ascii(address.domain()).map(domain -> address.local() + "@" + domain);
    }
}
