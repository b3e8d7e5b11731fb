// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;

/**
 * What the server knows when it asks a milter, in the words of the protocol: macros, and the arguments of each step.
 *
 * @param hostname how the server calls itself, or empty
 * @param session the session
 * @param client who is connected
 * @param tx the transaction, once there is one
 * @param recipient the recipient that is asked about, if one is
 */
record Facts(String hostname, Session session, Client client, Optional<Transaction> tx, Optional<Recipient> recipient) {
    private static final String ESCAPED = "+=";

    Facts about(Recipient one) {
        return new Facts(hostname, session, client, tx, Optional.of(one));
    }

    /** The macros of these names that have a value, names and values in turn. */
    List<String> macros(List<String> names) {
        List<String> all = new ArrayList<>(names.size() * 2);
        for (String name : names) {
            String bare = name.startsWith("{") && name.endsWith("}") ? name.substring(1, name.length() - 1) : name;
            String value = macro(bare);
            if (!value.isEmpty()) {
                all.add(bare.length() == 1 ? bare : "{" + bare + "}");
                all.add(value);
            }
        }
        return all;
    }

    private String macro(String name) {
        return switch (name) {
            case "i" -> tx.map(Transaction::id).orElse("");
            case "j" -> hostname;
            case "v" -> "Posthouse";
            case "s" -> session.helo();
            case "r" -> session.helo().isEmpty() ? "" : session.extended() ? "ESMTP" : "SMTP";
            case "_" -> client.name() + " [" + host(session.peer().address()) + "]";
            case "daemon_name" -> session.listener();
            case "daemon_addr", "if_addr" -> host(session.peer().local());
            case "daemon_port" -> String.valueOf(session.peer().local().getPort());
            case "client_addr" -> host(session.peer().address());
            case "client_port" -> String.valueOf(session.peer().address().getPort());
            case "client_name" -> client.name();
            case "client_ptr" -> client.reverse();
            case "client_resolve" -> client.resolve();
            case "auth_authen" -> session.peer().user();
            // The mechanism is not told to plugins; milters ask whether there was one.
            case "auth_type" -> session.authenticated() ? "SASL" : "";
            case "tls_version" -> word(session.peer().tls(), 0);
            case "cipher" -> word(session.peer().tls(), 1);
            case "cipher_bits" -> bits(word(session.peer().tls(), 1));
            case "mail_addr" -> tx.map(t -> t.sender().address().toString()).orElse("");
            case "mail_host" -> tx.map(t -> t.sender().domain()).orElse("");
            case "rcpt_addr" -> recipient.map(r -> r.address().toString()).orElse("");
            case "rcpt_host" -> recipient.map(Recipient::domain).orElse("");
            case "nrcpts" -> tx.map(t -> String.valueOf(t.recipients().size())).orElse("");
            default -> "";
        };
    }

    private static String word(String text, int number) {
        String[] words = text.split(" ");
        return number < words.length ? words[number] : "";
    }

    private static String bits(String cipher) {
        return cipher.contains("256") && !cipher.contains("AES_128") || cipher.contains("CHACHA20")
                ? "256"
                : cipher.contains("128") ? "128" : "";
    }

    /** An address as it is written in SMTP, without the name of an interface. */
    static String host(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        return ip == null ? "" : ip.getHostAddress().replaceFirst("%.*", "");
    }

    /** What the step CONNECT carries: name, family, port, address. */
    byte[] connected() {
        InetSocketAddress address = session.peer().address();
        boolean six = address.getAddress() instanceof Inet6Address;
        return new Dialogue.Text()
                .text(client.name().equals("unknown") ? "[" + host(address) + "]" : client.name())
                .octet(six ? '6' : '4')
                .octet(address.getPort() >> 8)
                .octet(address.getPort())
                .text(host(address))
                .octets();
    }

    byte[] greeted() {
        return new Dialogue.Text().text(session.helo()).octets();
    }

    /** The reverse-path and the parameters of MAIL. */
    byte[] sender() {
        Sender sender = tx.orElseThrow().sender();
        Dialogue.Text text = new Dialogue.Text().text(path(sender.address()));
        if (sender.declaredSize() >= 0) {
            text.text("SIZE=" + sender.declaredSize());
        }
        if (sender.body() != BodyType.SEVEN_BIT) {
            text.text("BODY=" + sender.body().keyword());
        }
        if (sender.smtpUtf8()) {
            text.text("SMTPUTF8");
        }
        if (!sender.ret().isEmpty()) {
            text.text("RET=" + sender.ret());
        }
        if (!sender.envelopeId().isEmpty()) {
            text.text("ENVID=" + xtext(sender.envelopeId()));
        }
        return text.octets();
    }

    /** The forward-path and the parameters of RCPT. */
    byte[] forward() {
        Recipient one = recipient.orElseThrow();
        Dialogue.Text text = new Dialogue.Text().text(path(one.address()));
        if (!one.notifyOn().isEmpty()) {
            text.text("NOTIFY=" + one.notifyOn());
        }
        if (!one.original().isEmpty()) {
            int semicolon = one.original().indexOf(';') + 1;
            text.text("ORCPT=" + one.original().substring(0, semicolon)
                    + xtext(one.original().substring(semicolon)));
        }
        return text.octets();
    }

    private static String path(Address address) {
        return "<" + address + ">";
    }

    /** RFC 3461 4: what can not stand in a parameter as it is. */
    private static String xtext(String text) {
        StringBuilder out = new StringBuilder();
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (octet > ' ' && octet < 127 && ESCAPED.indexOf(octet) < 0) {
                out.append((char) octet);
            } else {
                out.append('+').append(String.format("%02X", octet & 0xFF));
            }
        }
        return out.toString();
    }
}
