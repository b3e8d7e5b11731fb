// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import java.util.ArrayList;
import java.util.List;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;

/**
 * What rspamd is told beside the message: names and values of HTTP fields in turn.
 *
 * <p>HTTP carries ASCII, so other characters of an address are question marks there.
 */
record Envelope(List<String> fields) {
    /** The name of the client, where an earlier hook looked it up and found that it leads back. */
    static final Note<String> HOSTNAME = new Note<>("iprev.name", String.class, Note.Scope.SESSION);

    private static final int VALUE_LIMIT = 1000;
    /** Well below what rspamd takes for a head, which is 80 kB. */
    private static final int RECIPIENTS_LIMIT = 32 * 1024;

    Envelope {
        fields = List.copyOf(fields);
    }

    /**
     * The envelope of a transaction.
     *
     * @param server the name of this server, or empty
     * @param settings the settings of rspamd that apply, or empty
     */
    static Envelope of(Transaction tx, String server, String settings) {
        Session session = tx.session();
        List<String> fields = new ArrayList<>();
        add(fields, "Queue-Id", tx.id());
        add(fields, "IP", address(session));
        add(fields, "Helo", session.helo());
        add(fields, "Hostname", session.get(HOSTNAME).orElse(""));
        add(fields, "From", "<" + tx.sender().address() + ">");
        recipients(fields, tx.recipients());
        add(fields, "User", session.peer().user());
        String[] tls = session.peer().tls().split(" ", 2);
        add(fields, "TLS-Version", tls[0]);
        add(fields, "TLS-Cipher", tls.length == 2 ? tls[1] : "");
        add(fields, "MTA-Name", server);
        add(fields, "Settings-Id", settings);
        return new Envelope(fields);
    }

    private static String address(Session session) {
        String text = session.peer().address().getAddress().getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    private static void recipients(List<String> fields, List<Recipient> recipients) {
        int octets = 0;
        for (Recipient recipient : recipients) {
            String address = recipient.address().toString();
            octets += address.length() + 8;
            if (octets > RECIPIENTS_LIMIT) {
                return;
            }
            add(fields, "Rcpt", address);
        }
        if (recipients.size() == 1) {
            add(fields, "Deliver-To", recipients.getFirst().address().toString());
        }
    }

    private static void add(List<String> fields, String name, String value) {
        String clean = FieldText.printable(value, VALUE_LIMIT).strip();
        if (!clean.isEmpty()) {
            fields.add(name);
            fields.add(clean);
        }
    }
}
