// SPDX-License-Identifier: Apache-2.0
package org.posthouse.conditions;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Message;
import org.posthouse.api.Recipient;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;

/**
 * What is known at the moment at which rules are asked.
 *
 * @param session the session
 * @param tx the transaction, from MAIL on
 * @param recipient the asked recipient, at RCPT
 * @param message the message, at the final dot
 */
public record Scene(
        Session session,
        @Nullable Transaction tx,
        @Nullable Recipient recipient,
        @Nullable Message message) {
    /** So much of a value is looked at: the time of a test is bounded whatever a client sends. */
    private static final int MOST = 8192;

    @Nullable
    InetAddress peer() {
        return session.peer().address().getAddress();
    }

    boolean flag(Field field) {
        return switch (field) {
            case TRUSTED -> session.trusted();
            case AUTHENTICATED -> session.authenticated();
            case ENCRYPTED -> !session.peer().tls().isEmpty();
            case ANY -> true;
            default -> throw new IllegalArgumentException(field + " is no flag");
        };
    }

    /** The values of a text; several for recipients and headers, none where there is none. */
    List<String> texts(Field field, String name) {
        List<String> all = switch (field) {
            case LISTENER -> List.of(session.listener());
            case PROFILE -> List.of(session.profile());
            case HELO -> List.of(session.helo());
            case TLS -> List.of(session.peer().tls());
            case USER -> List.of(session.peer().user());
            case FROM -> tx == null ? List.of() : List.of(tx.sender().address().toString());
            case TENANT -> tx == null ? List.of() : List.of(tx.tenant());
            case TO -> recipients();
            case HEADER ->
                message == null
                        ? List.of()
                        : message.headers().all(name).stream()
                                .map(header -> header.value())
                                .toList();
            default -> throw new IllegalArgumentException(field + " is no text");
        };
        return all.stream()
                .map(text -> text.length() > MOST ? text.substring(0, MOST) : text)
                .toList();
    }

    private List<String> recipients() {
        if (recipient != null) {
            return List.of(recipient.address().toString());
        }
        return tx == null
                ? List.of()
                : tx.recipients().stream().map(to -> to.address().toString()).toList();
    }

    OptionalDouble number(Field field, String name) {
        if (tx == null) {
            return OptionalDouble.empty();
        }
        return switch (field) {
            case SIZE -> size(tx);
            case SCORE -> OptionalDouble.of(score(tx.scores(), name));
            default -> throw new IllegalArgumentException(field + " is no number");
        };
    }

    private OptionalDouble size(Transaction of) {
        if (message != null) {
            return OptionalDouble.of(message.received().size());
        }
        long declared = of.sender().declaredSize();
        return declared < 0 ? OptionalDouble.empty() : OptionalDouble.of(declared);
    }

    /** The points of a symbol, 0 when it was not scored; without a name the sum. */
    private static double score(Map<String, Double> scores, String name) {
        if (!name.isEmpty()) {
            return scores.getOrDefault(name, 0.0);
        }
        double sum = scores.values().stream().mapToDouble(Double::doubleValue).sum();
        // So that three times 0.1 is 0.3.
        return Math.round(sum * 1000) / 1000.0;
    }
}
