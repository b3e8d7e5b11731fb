// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.postfixpolicy;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.api.Address;
import org.posthouse.api.Reply;
import org.posthouse.api.Verdict;

/** What the policy server wants done, in the words of Postfix's access(5). */
sealed interface Action {
    /** Nothing. */
    record Dunno() implements Action {}

    /** The client is refused. */
    record Refuse(Verdict verdict) implements Action {}

    /** The message is taken and held. */
    record Hold(String reason) implements Action {}

    /** The message is taken and thrown away. */
    record Discard(String reason) implements Action {}

    /** A field is put on top of the message. */
    record Prepend(String name, String value) implements Action {}

    /** The message goes to this address instead of its recipients. */
    record Redirect(Address address) implements Action {}

    /** The message goes to this address as well. */
    record Bcc(Address address) implements Action {}

    /** The operator is told. */
    record Tell(boolean warns, String text) implements Action {}

    /** What is not done here. */
    record Unknown(String text) implements Action {}

    /** An action, of which nothing is changed by what is behind it. */
    Pattern SHAPE = Pattern.compile("(\\S+)(?:\\s+(.*))?", Pattern.DOTALL);

    /** An enhanced code in front of a text. */
    Pattern ENHANCED = Pattern.compile("([245]\\.\\d{1,3}\\.\\d{1,3})(?:\\s+(.*))?", Pattern.DOTALL);

    /** The longest text that a client is told (RFC 5321 4.5.3.1.5, with room for the codes). */
    int MOST_TEXT = 480;

    /** Reads an action; whatever the text, it is one. */
    static Action parse(String text) {
        Matcher shape = SHAPE.matcher(text.strip());
        if (!shape.matches()) {
            return new Unknown("nothing");
        }
        String word = shape.group(1).toUpperCase(Locale.ROOT);
        String rest = shape.group(2) == null ? "" : shape.group(2).strip();
        if (word.matches("[45]\\d\\d")) {
            return refuse(Integer.parseInt(word), rest, "Access denied", "the policy server answers " + word);
        }
        return switch (word) {
            // What is OK there is no vote here: votes are given by what knows the recipients.
            case "OK", "RELAY", "PERMIT", "DUNNO" -> new Dunno();
            case "REJECT" -> refuse(554, rest, "Access denied", "the policy server rejects");
            case "DEFER" -> refuse(450, rest, "Try again later", "the policy server defers");
            // Asked last, it is permitted by all others.
            case "DEFER_IF_PERMIT" -> refuse(450, rest, "Try again later", "the policy server defers");
            // What others reject is rejected.
            case "DEFER_IF_REJECT" -> new Dunno();
            case "HANGUP" -> new Refuse(Verdict.disconnect("Closing connection").because("the policy server hangs up"));
            case "HOLD" -> new Hold(rest.isEmpty() ? "the policy server holds it" : printable(rest));
            case "DISCARD" -> new Discard(rest.isEmpty() ? "the policy server discards it" : printable(rest));
            case "PREPEND" -> prepend(rest);
            case "REDIRECT" -> mailbox(rest) ? new Redirect(Address.of(rest)) : new Unknown(printable(text));
            case "BCC" -> mailbox(rest) ? new Bcc(Address.of(rest)) : new Unknown(printable(text));
            case "WARN" -> new Tell(true, printable(rest));
            case "INFO" -> new Tell(false, printable(rest));
            default -> word.matches("\\d+") ? new Dunno() : new Unknown(printable(text));
        };
    }

    private static Action refuse(int code, String rest, String usual, String reason) {
        Matcher parts = ENHANCED.matcher(rest);
        boolean has = parts.matches();
        String enhanced = has ? parts.group(1) : code / 100 + ".7.1";
        String text = has ? parts.group(2) : rest;
        String shown = text == null || text.isEmpty() ? usual : printable(text);
        // RFC 2034 4: the classes of both codes are the same; the basic code decides what the client does.
        enhanced = code / 100 + enhanced.substring(1);
        Reply reply = new Reply(code, enhanced, shown);
        if (code == 421 || code == 521) {
            return new Refuse(new Verdict.Disconnect(reply, reason));
        }
        return new Refuse(reply.permanent() ? new Verdict.Reject(reply, reason) : new Verdict.Defer(reply, reason));
    }

    private static Action prepend(String rest) {
        int colon = rest.indexOf(':');
        String name = colon < 0 ? "" : rest.substring(0, colon).strip();
        boolean field = !name.isEmpty() && name.chars().allMatch(c -> c > 32 && c < 127);
        return field
                ? new Prepend(name, printable(rest.substring(colon + 1)).strip())
                : new Unknown(printable("PREPEND " + rest));
    }

    private static boolean mailbox(String text) {
        return text.matches("[!-;=?-~]+@[!-;=?-~]+") && text.length() <= 254;
    }

    private static String printable(String text) {
        String plain = text.replaceAll("[^ -~]", "?");
        return plain.length() > MOST_TEXT ? plain.substring(0, MOST_TEXT) : plain;
    }
}
