// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Message;
import org.posthouse.api.NewBody;
import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;

/** A message as the milters that were asked so far leave it; each of them works on a copy until its last word is a good one. */
final class Revision implements AutoCloseable {
    private static final int MOST_CHANGES = 10_000;
    private static final int MOST_OCTETS = 1 << 20;
    private static final int MOST_PATH = 1000;

    /** RFC 5321 4.1.2: what may stand in a local part in quotes would end the path elsewhere. */
    private static final Pattern ENDS = Pattern.compile("[ <>]");

    private static final Pattern QUOTED = Pattern.compile("\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"");

    private final Message message;
    private final long mostBody;
    private final HeaderSheet headers;
    private final List<Recipient> recipients;
    private Address sender;
    private final List<SpareBody> bodies;
    private @Nullable SpareBody body;
    private boolean freshBody;
    private String hold = "";
    private int changes;
    private int octets;

    /** The message as the hook is shown it; a new body may have so many octets. */
    Revision(Transaction tx, Message message, long mostBody) {
        this.message = message;
        this.mostBody = mostBody;
        this.headers = new HeaderSheet(message.headers().all());
        this.recipients = new ArrayList<>(tx.recipients());
        this.sender = tx.sender().address();
        this.bodies = new ArrayList<>(0);
    }

    private Revision(Revision before) {
        this.message = before.message;
        this.mostBody = before.mostBody;
        this.headers = before.headers.copy();
        this.recipients = new ArrayList<>(before.recipients);
        this.sender = before.sender;
        this.bodies = before.bodies;
        this.body = before.body;
    }

    /** A copy for the next milter; it is closed with the first revision. */
    Revision next() {
        return new Revision(this);
    }

    List<HeaderSheet.Field> fields() {
        return headers.fields();
    }

    /** Why the milter that had this revision wants the message held, or empty. */
    String hold() {
        return hold;
    }

    /** The body from its first octet. */
    InputStream body() throws IOException {
        if (body != null) {
            return body.open();
        }
        InputStream in = new BufferedInputStream(message.current().open(), 1 << 16);
        int before = 0;
        int octetsOfLine = 0;
        for (int c = in.read(); c >= 0; c = in.read()) {
            boolean end = c == '\n' && before == '\r';
            if (end && octetsOfLine == 1) {
                // RFC 5322 2.1: the body stands behind the first empty line.
                return in;
            }
            octetsOfLine = end ? 0 : octetsOfLine + 1;
            before = c;
        }
        return in;
    }

    /**
     * Makes a change.
     *
     * @param spaced whether the milter's values begin behind the colon, and not behind the space
     * @throws IOException when it can not be made; {@link MilterException} when that is the milter's fault
     */
    void make(Answer.Change change, boolean spaced) throws IOException {
        // A new body comes in as many packets as it needs, and has a limit of its own.
        if (!(change instanceof Answer.ReplaceBody) && ++changes > MOST_CHANGES) {
            throw new MilterException("more than " + MOST_CHANGES + " changes");
        }
        switch (change) {
            case Answer.AddHeader add -> headers.add(field(add.name(), add.value(), spaced));
            // The server's own Received field is not shown, and counts: what goes above it goes right below it.
            case Answer.InsertHeader insert ->
                headers.insert(Math.max(0, insert.index() - 1), field(insert.name(), insert.value(), spaced));
            case Answer.ChangeHeader other -> change(other, spaced);
            case Answer.ChangeSender other -> sender = path(other.path(), true);
            case Answer.AddRecipient add -> add(parameters(path(add.path(), false), add.arguments()));
            case Answer.RemoveRecipient remove -> {
                Address address = path(remove.path(), false);
                recipients.removeIf(one -> one.address().equals(address));
            }
            case Answer.ReplaceBody replace -> replace(replace.octets());
            case Answer.Quarantine quarantine ->
                hold = quarantine.reason().isBlank() ? "quarantined" : printable(quarantine.reason());
        }
    }

    private void change(Answer.ChangeHeader other, boolean spaced) throws MilterException {
        if (other.value().isEmpty()) {
            headers.remove(other.occurrence(), other.name());
        } else {
            headers.change(other.occurrence(), field(other.name(), other.value(), spaced));
        }
    }

    private HeaderSheet.Field field(String name, String value, boolean spaced) throws MilterException {
        octets += name.length() + value.length();
        if (octets > MOST_OCTETS) {
            throw new MilterException("more than " + MOST_OCTETS + " octets of header fields");
        }
        return new HeaderSheet.Field(name, spaced ? value : " " + value);
    }

    /** Adds a recipient; one who is there already stays as is, unless the milter says of notices what it wants. */
    private void add(Recipient recipient) {
        boolean plain = recipient.equals(Recipient.of(recipient.address()));
        if (plain && recipients.stream().anyMatch(one -> one.address().equals(recipient.address()))) {
            return;
        }
        recipients.removeIf(one -> one.address().equals(recipient.address()));
        recipients.add(recipient);
    }

    private static Address path(String text, boolean mayBeNull) throws MilterException {
        String bare = text.strip();
        bare = bare.startsWith("<") && bare.endsWith(">") ? bare.substring(1, bare.length() - 1) : bare;
        // Octets as ISO 8859-1 came in; what they say is UTF-8 (RFC 6531).
        String mailbox = new String(bare.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        Address address = Address.of(mailbox);
        boolean odd = mailbox.chars().anyMatch(c -> c < ' ' || c == 127)
                || ENDS.matcher(address.domain()).find()
                || !QUOTED.matcher(address.local()).matches()
                        && ENDS.matcher(address.local()).find();
        if (odd || mailbox.length() > MOST_PATH || mailbox.isEmpty() && !mayBeNull) {
            throw new MilterException("no path: " + printable(text));
        }
        return address;
    }

    /** What ADDRCPT says of delivery notices (RFC 3461 4); other parameters have no meaning here. */
    private static Recipient parameters(Address address, String arguments) {
        String notify = "";
        String original = "";
        for (String argument : arguments.split(" ")) {
            if (argument.regionMatches(true, 0, "NOTIFY=", 0, 7)) {
                notify = argument.substring(7).toUpperCase(Locale.ROOT);
            } else if (argument.regionMatches(true, 0, "ORCPT=", 0, 6)) {
                original = unxtext(argument.substring(6));
            }
        }
        boolean known = notify.matches("NEVER|(SUCCESS|FAILURE|DELAY)(,(SUCCESS|FAILURE|DELAY))*");
        return new Recipient(address, known ? notify : "", original.indexOf(';') > 0 ? original : "");
    }

    private static String unxtext(String text) {
        return Pattern.compile("\\+([0-9A-F]{2})").matcher(text).replaceAll(hex -> {
            char c = (char) Integer.parseInt(hex.group(1), 16);
            return c < ' ' || c > 126 ? "?" : Matcher.quoteReplacement(String.valueOf(c));
        });
    }

    private static String printable(String text) {
        String plain = text.replaceAll("[^ -~]", "?");
        return plain.length() > 200 ? plain.substring(0, 200) : plain;
    }

    private void replace(byte[] chunk) throws IOException {
        SpareBody to = body;
        if (to == null || !freshBody) {
            to = new SpareBody(mostBody);
            bodies.add(to);
            body = to;
            freshBody = true;
        }
        to.write(chunk);
    }

    /** Leaves it to the core to make the message this one. */
    void stage(Transaction tx) throws IOException {
        headers.edits().forEach(tx::edit);
        if (!sender.equals(tx.sender().address())) {
            tx.edit(new Edit.ChangeSender(sender));
        }
        List<Recipient> before = tx.recipients();
        Set<Recipient> was = new HashSet<>(before);
        Set<Recipient> is = new HashSet<>(recipients);
        before.stream()
                .filter(one -> !is.contains(one))
                .forEach(one -> tx.edit(new Edit.RemoveRecipient(one.address())));
        recipients.stream().filter(one -> !was.contains(one)).forEach(one -> tx.edit(new Edit.AddRecipient(one)));
        if (body != null) {
            NewBody fresh = tx.newBody();
            try (OutputStream out = fresh.stream();
                    InputStream in = body.open()) {
                in.transferTo(out);
            }
            tx.edit(Edit.body(fresh));
        }
    }

    @Override
    public void close() throws IOException {
        for (SpareBody one : bodies) {
            one.close();
        }
    }
}
