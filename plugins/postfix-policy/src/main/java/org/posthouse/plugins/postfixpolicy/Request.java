// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Recipient;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;

/**
 * A question to the policy server: a line for each attribute, then an empty one (SMTPD_POLICY_README).
 *
 * <p>Attributes that are not known here are empty, as Postfix leaves them: client certificates, the SASL mechanism and the
 * SASL sender.
 */
final class Request {
    private static final int MOST_VALUE = 1000;

    private final StringBuilder lines = new StringBuilder();

    private Request() {}

    /** A question about a session that has no transaction yet. */
    static byte[] of(State state, Session session, Client client, String context) {
        Request request = new Request().session(state, session, client, context);
        return request.line("instance", session.id()).octets();
    }

    /** A question about a transaction: at RCPT about one recipient, behind it about all. */
    static byte[] of(
            State state, Transaction tx, Client client, String context, Optional<Recipient> recipient, long size) {
        Request request = new Request().session(state, tx.session(), client, context);
        boolean behind = state == State.DATA || state == State.END_OF_MESSAGE;
        List<Recipient> all = tx.recipients();
        // Of several recipients there is none to name.
        Optional<Recipient> one = behind && all.size() == 1 ? Optional.of(all.getFirst()) : recipient;
        return request.line("queue_id", tx.id())
                .line("instance", tx.id())
                .line("sender", tx.sender().address().toString())
                .line("recipient", one.map(r -> r.address().toString()).orElse(""))
                .line("recipient_count", String.valueOf(behind ? all.size() : 0))
                .line("size", String.valueOf(size))
                .octets();
    }

    private Request session(State state, Session session, Client client, String context) {
        String[] tls = (session.peer().tls() + "  ").split(" ", -1);
        return line("request", "smtpd_access_policy")
                .line("protocol_state", state.word(session.extended()))
                .line("protocol_name", session.extended() ? "ESMTP" : "SMTP")
                .line("helo_name", session.helo())
                .line("client_address", host(session.peer().address()))
                .line("client_port", String.valueOf(session.peer().address().getPort()))
                .line("client_name", client.name())
                .line("reverse_client_name", client.reverse())
                .line("server_address", host(session.peer().local()))
                .line("server_port", String.valueOf(session.peer().local().getPort()))
                .line("sasl_method", "")
                .line("sasl_username", session.peer().user())
                .line("sasl_sender", "")
                .line("ccert_subject", "")
                .line("ccert_issuer", "")
                .line("ccert_fingerprint", "")
                .line("ccert_pubkey_fingerprint", "")
                .line("encryption_protocol", tls[0])
                .line("encryption_cipher", tls[1])
                .line("encryption_keysize", keySize(tls[1]))
                .line("etrn_domain", "")
                .line("stress", "")
                .line("policy_context", context);
    }

    private static String keySize(String cipher) {
        if (cipher.contains("CHACHA20") || cipher.contains("AES_256")) {
            return "256";
        }
        return cipher.isEmpty() ? "0" : "128";
    }

    private static String host(InetSocketAddress address) {
        return address.getAddress() == null
                ? ""
                : address.getAddress().getHostAddress().replaceFirst("%.*", "");
    }

    private Request line(String name, String value) {
        lines.append(name).append('=');
        for (int i = 0; i < Math.min(value.length(), MOST_VALUE); i++) {
            char c = value.charAt(i);
            lines.append(c < ' ' || c == 127 ? '?' : c);
        }
        lines.append('\n');
        return this;
    }

    private byte[] octets() {
        return lines.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }
}
