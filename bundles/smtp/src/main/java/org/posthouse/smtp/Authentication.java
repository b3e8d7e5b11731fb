// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.smtp.sasl.Mechanism;
import org.posthouse.smtp.sasl.Step;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * AUTH (RFC 4954): runs a SASL mechanism with the client and says what came of it. Who is unknown, disabled or has the wrong
 * password gets the same words after the same time.
 */
final class Authentication {
    /** RFC 4954 4: octets of a base64 line. */
    static final int LINE_LIMIT = 12288;

    private static final Logger LOG = LoggerFactory.getLogger(Authentication.class);
    private static final Answer DENIED = Answer.of(535, "5.7.8", "Authentication credentials invalid");
    private static final Answer UNAVAILABLE = Answer.of(454, "4.7.0", "Temporary authentication failure");
    private static final Answer EXHAUSTED = Answer.of(421, "4.7.0", "Too many failed authentications, try again later")
            .thenClose();
    private static final Answer NO_BASE64 = Answer.of(501, "5.5.2", "Not base64");

    private final Attempts attempts;
    private final Journal journal;

    Authentication(Attempts attempts, Journal journal) {
        this.attempts = attempts;
        this.journal = journal;
    }

    /** The value of AUTH in the answer to EHLO; empty when it is not offered. */
    static String offer(Dialogue dialogue) {
        return dialogue.offersAuth() && !dialogue.authenticated()
                ? String.join(" ", Mechanism.offered(dialogue.conversation()))
                : "";
    }

    /** The command: {@code AUTH mechanism [initial-response]}. */
    Answer auth(Dialogue dialogue, @Nullable String argument) {
        Answer early = outOfPlace(dialogue, argument);
        if (argument == null || early != null) {
            return early == null ? Answer.of(501, "5.5.4", "Syntax: AUTH mechanism [response]") : early;
        }
        List<String> words = List.of(argument.split(" +", -1));
        String name = words.getFirst().toUpperCase(Locale.ROOT);
        Mechanism mechanism = Mechanism.named(name, dialogue.conversation());
        if (mechanism == null) {
            return Answer.of(504, "5.5.4", "Mechanism not offered");
        }
        if (words.size() > 2) {
            return Answer.of(501, "5.5.4", "Syntax: AUTH mechanism [response]");
        }
        if (attempts.exhausted(dialogue)) {
            return ended(dialogue, name, "", "exhausted", "", EXHAUSTED);
        }
        dialogue.exchange(new Exchange(name, mechanism));
        // RFC 4954 4: = is an initial response of no octets.
        return words.size() == 1
                ? challenge(mechanism.begin())
                : respond(dialogue, words.get(1).equals("=") ? "" : words.get(1));
    }

    private static @Nullable Answer outOfPlace(Dialogue dialogue, @Nullable String argument) {
        if (dialogue.settings().auth().policy() != ListenerSettings.Policy.OFF
                && dialogue.tls().isEmpty()) {
            // RFC 4954 4 and 6; RFC 8314 3.
            return Answer.of(538, "5.7.11", "Encryption required for authentication");
        }
        if (!dialogue.offersAuth()) {
            return Answer.of(502, "5.5.1", "Authentication not offered");
        }
        if (!dialogue.extended()) {
            return Answer.of(503, "5.5.1", "Say EHLO first");
        }
        if (dialogue.authenticated()) {
            return Answer.of(503, "5.5.1", "Already authenticated");
        }
        return dialogue.transaction() == null ? null : Answer.of(503, "5.5.1", "Not amid a transaction");
    }

    /** Takes the client's answer to a challenge. */
    Answer respond(Dialogue dialogue, Framer.Line line) {
        Exchange exchange = dialogue.exchange();
        return switch (line.fault()) {
            case NONE -> {
                String text = new String(line.octets(), StandardCharsets.ISO_8859_1);
                yield text.equals("*")
                        ? malformed(dialogue, exchange, "cancelled", Answer.of(501, "5.0.0", "Cancelled"))
                        : respond(dialogue, text);
            }
            // RFC 4954 6.
            case TOO_LONG -> malformed(dialogue, exchange, "line too long", Answer.of(500, "5.5.6", "Line too long"));
            case BARE ->
                malformed(dialogue, exchange, "bare CR or LF", Answer.of(500, "5.5.2", "Lines must end with CRLF"));
            case ENDLESS, TLS ->
                malformed(dialogue, exchange, "garbage", Answer.of(554, "5.5.2", "This is not SMTP"))
                        .thenClose();
        };
    }

    private Answer respond(Dialogue dialogue, String text) {
        Exchange exchange = dialogue.exchange();
        byte[] response;
        try {
            response = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return malformed(dialogue, exchange, "not base64", NO_BASE64);
        }
        long began = System.nanoTime();
        return switch (attempts.enter(dialogue)) {
            case EXHAUSTED -> ended(dialogue, exchange.name(), "", "exhausted", "", EXHAUSTED);
            case BUSY -> ended(dialogue, exchange.name(), "", "unavailable", "too many at once", UNAVAILABLE);
            case ENTERED -> judge(dialogue, exchange, response, began);
        };
    }

    /** One step of the mechanism, while this attempt is counted as one that may fail. */
    private Answer judge(Dialogue dialogue, Exchange exchange, byte[] response, long began) {
        try {
            return switch (exchange.mechanism().respond(response)) {
                case Step.Challenge challenge -> challenge(challenge.octets());
                case Step.Malformed malformed ->
                    malformed(
                            dialogue, exchange, malformed.reason(), Answer.of(501, "5.5.2", "Not what was asked for"));
                case Step.Done done -> conclude(dialogue, exchange, done, began);
            };
        } catch (RuntimeException e) {
            // Unknown is 4yz, and says nothing about the credentials.
            LOG.error("Session {}: AUTH {} failed", dialogue.id(), exchange.name(), e);
            return ended(
                    dialogue, exchange.name(), "", "unavailable", e.getClass().getName(), UNAVAILABLE);
        } finally {
            attempts.leave(dialogue);
        }
    }

    private Answer conclude(Dialogue dialogue, Exchange exchange, Step.Done done, long began) {
        return switch (done.answer()) {
            case Authenticator.Answer.Granted granted -> granted(dialogue, exchange, done.user(), granted.principal());
            case Authenticator.Answer.Unavailable unavailable ->
                ended(dialogue, exchange.name(), done.user(), "unavailable", unavailable.reason(), UNAVAILABLE)
                        .after(left(attempts.unanswered(dialogue), began));
            case Authenticator.Answer.Denied denied ->
                ended(dialogue, exchange.name(), done.user(), "denied", denied.reason(), DENIED)
                        .after(left(attempts.failed(dialogue, done.user()), began));
        };
    }

    private static long left(long wait, long began) {
        return Math.max(0, wait - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    }

    private Answer granted(Dialogue dialogue, Exchange exchange, String user, String principal) {
        if (principal.isEmpty()) {
            return ended(dialogue, exchange.name(), user, "unavailable", "granted to nobody", UNAVAILABLE);
        }
        dialogue.authenticated(principal);
        Answer welcome = Answer.of(235, "2.7.0", "Authentication successful");
        return ended(dialogue, exchange.name(), principal, "granted", "", welcome);
    }

    private static Answer challenge(byte[] octets) {
        String text = Base64.getEncoder().encodeToString(octets);
        return Answer.of(334, "", text).then(Answer.Next.AUTH);
    }

    private Answer malformed(Dialogue dialogue, Exchange exchange, String reason, Answer answer) {
        return ended(dialogue, exchange.name(), "", "malformed", reason, answer);
    }

    private Answer ended(
            Dialogue dialogue, String mechanism, String user, String result, String reason, Answer answer) {
        dialogue.exchange(null);
        journal.authentication(dialogue, mechanism, user, result, reason);
        return answer;
    }

    /** An exchange that is under way: the name of its mechanism, and the mechanism. */
    record Exchange(String name, Mechanism mechanism) {}
}
