// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Content;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;
import org.posthouse.api.Message;
import org.posthouse.api.Peer;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;

/** Session, transaction and message of a play, whose facts a test sets. */
final class Props {
    String peer = "192.0.2.7";
    String helo = "client.example";
    String tls = "";
    String user = "";
    boolean trusted;
    Address from = Address.of("offer@spam.example");
    long declared = -1;
    long size = 500;
    final List<Recipient> to = new ArrayList<>(List.of(Recipient.of(Address.of("anna@example.org"))));
    final List<Header> headers = new ArrayList<>();
    final Map<String, Double> scores = new HashMap<>();
    final List<Edit> edits = new ArrayList<>();

    void header(String name, String value) {
        headers.add(new Header(name, name + ": " + value + "\r\n"));
    }

    static Rules.Config config(String... rules) {
        return proxy(Rules.Config.class, (method, args) -> method.equals("rules") ? rules : Rules.Config.class);
    }

    Session session() {
        return proxy(Session.class, (method, args) -> switch (method) {
            case "peer" ->
                new Peer(new InetSocketAddress(peer, 4000), new InetSocketAddress("192.0.2.1", 25), tls, user);
            case "helo" -> helo;
            case "listener" -> "mx";
            case "profile" -> "mx";
            case "trusted" -> trusted;
            case "authenticated" -> !user.isEmpty();
            default -> throw new UnsupportedOperationException(method);
        });
    }

    Transaction tx() {
        return proxy(Transaction.class, (method, args) -> switch (method) {
            case "session" -> session();
            case "sender" -> new Sender(from, declared, BodyType.SEVEN_BIT, false, "", "");
            case "recipients" -> to;
            case "scores" -> scores;
            case "score" -> scores.merge((String) args[0], (Double) args[1], Double::sum) == null ? null : null;
            case "edit" -> edits.add((Edit) args[0]) ? null : null;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    Message message() {
        Headers fields = () -> headers;
        Content content = proxy(Content.class, (method, args) -> size);
        return proxy(Message.class, (method, args) -> method.equals("headers") ? fields : content);
    }

    /** Answers a call by the name of its method. */
    @FunctionalInterface
    private interface Answer {
        Object of(String method, Object[] args);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, args) -> answer.of(method.getName(), args)));
    }
}
