// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;

/** Reads the arguments of MAIL and RCPT (RFC 5321 4.1.1, RFC 1870, RFC 6152, RFC 6531, RFC 3461, RFC 4954). */
final class MailSyntax {
    private static final int SIZE_DIGITS = 20;
    private static final int ENVID_LIMIT = 100;
    private static final int ORCPT_LIMIT = 500;

    private MailSyntax() {}

    /**
     * Reads {@code FROM:<path> parameters}.
     *
     * @param argument what stands behind MAIL, octets as ISO 8859-1
     * @param withdrawn extensions that are not offered to this client
     * @param auth whether AUTH is offered to it
     */
    static Sender sender(@Nullable String argument, Set<String> withdrawn, boolean auth) throws SyntaxFault {
        String text = unicode(behind(argument, "FROM:", "MAIL FROM:<address>"));
        PathParser path = new PathParser(text, "5.1.7");
        Address address = path.reverse();
        Parameters parameters = Parameters.parse(path.rest());
        boolean utf8 = !withdrawn.contains("SMTPUTF8") && parameters.takeFlag("SMTPUTF8");
        refuseInternational(text, utf8);
        long size = size(parameters.take("SIZE"));
        BodyType body = body(parameters.take("BODY"));
        boolean dsn = !withdrawn.contains("DSN");
        String ret = dsn ? ret(parameters.take("RET")) : "";
        String envelopeId = dsn ? envelopeId(parameters.take("ENVID")) : "";
        if (auth) {
            checkSubmitter(parameters.take("AUTH"));
        }
        parameters.refuseRest();
        return new Sender(address, size, body, utf8, ret, envelopeId);
    }

    /** Reads {@code TO:<path> parameters}. */
    static Recipient recipient(@Nullable String argument, boolean utf8, Set<String> withdrawn) throws SyntaxFault {
        String text = unicode(behind(argument, "TO:", "RCPT TO:<address>"));
        PathParser path = new PathParser(text, "5.1.3");
        Address address = path.forward();
        Parameters parameters = Parameters.parse(path.rest());
        refuseInternational(text, utf8);
        boolean dsn = !withdrawn.contains("DSN");
        String notifyOn = dsn ? notifyOn(parameters.take("NOTIFY")) : "";
        String original = dsn ? original(parameters.take("ORCPT")) : "";
        parameters.refuseRest();
        return new Recipient(address, notifyOn, original);
    }

    private static String behind(@Nullable String argument, String keyword, String usage) throws SyntaxFault {
        if (argument == null || !argument.regionMatches(true, 0, keyword, 0, keyword.length())) {
            throw new SyntaxFault(501, "5.5.4", "Syntax: " + usage);
        }
        // A space behind the colon is no part of the grammar, but harmless and common.
        return argument.substring(keyword.length()).strip();
    }

    /** RFC 6531 3.3, RFC 3629: octets above 127 must be well-formed UTF-8. */
    private static String unicode(String octets) throws SyntaxFault {
        if (octets.chars().allMatch(c -> c < 128)) {
            return octets;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new SyntaxFault(501, "5.5.2", "Octets that are not UTF-8");
        }
    }

    /** RFC 6531 3.4: without SMTPUTF8 nothing but ASCII. */
    private static void refuseInternational(String text, boolean utf8) throws SyntaxFault {
        if (!utf8 && text.chars().anyMatch(c -> c > 127)) {
            throw new SyntaxFault(553, "5.6.7", "Non-ASCII address needs SMTPUTF8");
        }
    }

    /** RFC 1870 3: up to 20 digits, which can be more than any disk holds. */
    private static long size(@Nullable String value) throws SyntaxFault {
        if (value == null) {
            return -1;
        }
        if (value.isEmpty() || value.length() > SIZE_DIGITS || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new SyntaxFault(501, "5.5.4", "SIZE is not a number of octets");
        }
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private static BodyType body(@Nullable String value) throws SyntaxFault {
        if (value == null || value.equalsIgnoreCase("7BIT")) {
            return BodyType.SEVEN_BIT;
        }
        if (value.equalsIgnoreCase("8BITMIME")) {
            return BodyType.EIGHT_BIT;
        }
        throw new SyntaxFault(501, "5.5.4", "BODY is 7BIT or 8BITMIME");
    }

    /**
     * RFC 4954 5: {@code <>}, or the mailbox of who submitted first. It is read and not passed on, as if it said {@code <>}: we
     * trust no client to speak for others.
     */
    private static void checkSubmitter(@Nullable String value) throws SyntaxFault {
        if (value == null) {
            return;
        }
        String submitter = Xtext.decode(value, "AUTH");
        PathParser path = new PathParser(submitter.equals("<>") ? submitter : "<" + submitter + ">", "5.5.4");
        path.reverse();
        if (!path.rest().isEmpty()) {
            throw new SyntaxFault(501, "5.5.4", "AUTH is <> or a mailbox");
        }
    }

    private static String ret(@Nullable String value) throws SyntaxFault {
        if (value == null) {
            return "";
        }
        String ret = value.toUpperCase(Locale.ROOT);
        if (!ret.equals("FULL") && !ret.equals("HDRS")) {
            throw new SyntaxFault(501, "5.5.4", "RET is FULL or HDRS");
        }
        return ret;
    }

    private static String envelopeId(@Nullable String value) throws SyntaxFault {
        if (value == null) {
            return "";
        }
        if (value.isEmpty() || value.length() > ENVID_LIMIT) {
            throw new SyntaxFault(501, "5.5.4", "ENVID has 1 to 100 characters");
        }
        return Xtext.decode(value, "ENVID");
    }

    /** RFC 3461 4.1: NEVER alone, or any of the others once. */
    private static String notifyOn(@Nullable String value) throws SyntaxFault {
        if (value == null) {
            return "";
        }
        String keywords = value.toUpperCase(Locale.ROOT);
        if (keywords.equals("NEVER")) {
            return keywords;
        }
        String[] words = keywords.split(",", -1);
        Set<String> known = Set.of("SUCCESS", "FAILURE", "DELAY");
        if (words.length != Set.copyOf(List.of(words)).size() || !known.containsAll(List.of(words))) {
            throw new SyntaxFault(501, "5.5.4", "NOTIFY is NEVER, or of SUCCESS, FAILURE, DELAY");
        }
        return keywords;
    }

    /** RFC 3461 4.2: {@code type;xtext}. */
    private static String original(@Nullable String value) throws SyntaxFault {
        if (value == null) {
            return "";
        }
        int semicolon = value.indexOf(';');
        if (semicolon < 1
                || semicolon == value.length() - 1
                || value.length() > ORCPT_LIMIT
                || !value.substring(0, semicolon).matches("[A-Za-z0-9-]+")) {
            throw new SyntaxFault(501, "5.5.4", "ORCPT is type;address");
        }
        return value.substring(0, semicolon) + ";" + Xtext.decode(value.substring(semicolon + 1), "ORCPT");
    }
}
