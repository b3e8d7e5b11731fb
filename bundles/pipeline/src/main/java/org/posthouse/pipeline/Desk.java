// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope.Routing;
import org.posthouse.spool.spi.MessageId;

/** Applies the edits of one hook to a dossier: all of them, or by an exception none. */
final class Desk {
    /** So many replacements in a row are followed; more is a loop. */
    static final int DEEPEST = 10;

    /** No message has more recipients than this, however hooks multiply them. */
    static final int MOST_RECIPIENTS = 50_000;

    private static final Pattern QUOTED = Pattern.compile("\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"");
    private static final Pattern ENDS = Pattern.compile("[ <>]");

    private final Dossier before;
    private final HeaderDesk headers;
    private final List<Split> splits = new ArrayList<>(0);
    private Sender sender;
    private List<Dossier.Seat> seats;
    private Routing routing;
    private @Nullable Instant due;
    private @Nullable SpooledBody newBody;
    private @Nullable Set<Address> present;

    /** Recipients that leave in an envelope of their own. */
    private record Split(Edit.Split edit, List<Dossier.Seat> seats) {}

    Desk(Dossier before) {
        this.before = before;
        this.headers = new HeaderDesk(before.head().fields());
        this.sender = before.sender();
        this.seats = new ArrayList<>(before.seats());
        this.routing = before.routing();
        this.due = before.due();
    }

    void apply(List<Edit> edits) {
        edits.forEach(this::apply);
        if (newBody != null && !splits.isEmpty()) {
            throw new IllegalStateException("the body can not be replaced by the hook that splits the envelope");
        }
    }

    private void apply(Edit edit) {
        switch (edit) {
            case Edit.AddHeader e -> headers.add(e);
            case Edit.InsertHeader e -> headers.insert(e);
            case Edit.ChangeHeader e -> headers.change(e);
            case Edit.RemoveHeader e -> headers.remove(e);
            case Edit.ChangeSender e -> changeSender(e.address());
            case Edit.AddRecipient e -> seat(e.recipient(), 1);
            case Edit.RemoveRecipient e -> unseat(Set.of(e.address()));
            case Edit.ReplaceRecipient e -> replace(e);
            case Edit.ReplaceBody e -> newBody = spooled(e);
            case Edit.Zone e ->
                routing = new Routing(
                        routing.tenant(), word(e.name()), routing.priority(), routing.tags(), routing.holdReason());
            case Edit.Tenant e ->
                routing = new Routing(
                        word(e.name()), routing.zone(), routing.priority(), routing.tags(), routing.holdReason());
            case Edit.Priority e ->
                routing = new Routing(
                        routing.tenant(), routing.zone(), priority(e.value()), routing.tags(), routing.holdReason());
            case Edit.Due e -> due = Objects.requireNonNull(e.time());
            case Edit.Tag e -> tag(word(e.word()));
            case Edit.Split e -> split(e);
        }
    }

    private void changeSender(Address address) {
        sender = new Sender(
                path(address),
                sender.declaredSize(),
                sender.body(),
                sender.smtpUtf8(),
                sender.ret(),
                sender.envelopeId());
    }

    private void seat(Recipient recipient, int depth) {
        path(recipient.address());
        if (depth > DEEPEST) {
            throw new IllegalStateException(
                    "recipient " + recipient.address() + " was expanded more than " + DEEPEST + " times");
        }
        if (present == null) {
            present = new HashSet<>();
            for (Dossier.Seat seat : seats) {
                present.add(seat.recipient().address());
            }
        }
        if (!present.add(recipient.address())) {
            return;
        }
        if (seats.size() >= MOST_RECIPIENTS) {
            throw new IllegalStateException("more than " + MOST_RECIPIENTS + " recipients");
        }
        seats.add(new Dossier.Seat(recipient, depth));
    }

    private void replace(Edit.ReplaceRecipient edit) {
        for (Dossier.Seat old : unseat(Set.of(edit.address()))) {
            for (Address target : edit.by()) {
                Recipient was = old.recipient();
                seat(new Recipient(target, was.notifyOn(), was.original()), old.depth() + 1);
            }
        }
    }

    private List<Dossier.Seat> unseat(Set<Address> addresses) {
        List<Dossier.Seat> leaving = new ArrayList<>();
        List<Dossier.Seat> staying = new ArrayList<>(seats.size());
        for (Dossier.Seat seat : seats) {
            (addresses.contains(seat.recipient().address()) ? leaving : staying).add(seat);
        }
        seats = staying;
        present = null;
        return leaving;
    }

    /** Whether the hook replaced the body. */
    boolean replacesBody() {
        return newBody != null;
    }

    private void tag(String word) {
        Set<String> tags = new LinkedHashSet<>(routing.tags());
        tags.add(word);
        routing = new Routing(
                routing.tenant(), routing.zone(), routing.priority(), List.copyOf(tags), routing.holdReason());
    }

    private void split(Edit.Split edit) {
        if (edit.edits().stream().anyMatch(e -> e instanceof Edit.Split || e instanceof Edit.ReplaceBody)) {
            throw new IllegalArgumentException("a split can neither be split nor get a body of its own");
        }
        List<Dossier.Seat> leaving = unseat(new HashSet<>(edit.recipients()));
        if (leaving.isEmpty()) {
            throw new IllegalArgumentException("a split without recipients of the message");
        }
        splits.add(new Split(edit, leaving));
    }

    private static SpooledBody spooled(Edit.ReplaceBody edit) {
        if (edit.body() instanceof SpooledBody body) {
            return body;
        }
        throw new IllegalArgumentException("a body that was not made by newBody()");
    }

    /** The dossier after the edits. */
    Dossier done(Map<String, Object> notes) {
        Head head = headers.touched() ? headers.done() : before.head();
        Body body = before.body();
        if (newBody != null) {
            body = replaced(newBody);
        }
        return new Dossier(before.id(), sender, seats, routing, due, head, body, notes);
    }

    private static Body replaced(SpooledBody by) {
        Draft draft = by.take();
        try {
            return new Body(draft.content(), draft.finish(), new Head(by.head()), draft);
        } catch (IOException e) {
            draft.close();
            throw new UncheckedIOException(e);
        }
    }

    /** The envelopes that left, made of the dossier after the edits. */
    List<Dossier> children(Dossier parent) {
        List<Dossier> children = new ArrayList<>(splits.size());
        for (Split split : splits) {
            Dossier child = new Dossier(
                    MessageId.next(),
                    parent.sender(),
                    split.seats(),
                    parent.routing(),
                    parent.due(),
                    parent.head(),
                    parent.body(),
                    parent.notes());
            Desk desk = new Desk(child);
            split.edit().sender().ifPresent(desk::changeSender);
            desk.apply(split.edit().edits());
            children.add(desk.done(parent.notes()));
        }
        return children;
    }

    /**
     * An address that can be written into a command without ending it (RFC 5321 4.1.2): blanks and angle brackets stand
     * within a quoted local part alone.
     */
    static Address path(Address address) {
        boolean quoted = QUOTED.matcher(address.local()).matches();
        if (address.toString().chars().anyMatch(c -> c < 32 || c == 127)
                || ENDS.matcher(address.domain()).find()
                || !quoted && ENDS.matcher(address.local()).find()) {
            throw new IllegalArgumentException("not an address: " + address);
        }
        return address;
    }

    private static String word(String text) {
        if (text.isEmpty() || text.chars().anyMatch(c -> c < 33 || c == 127)) {
            throw new IllegalArgumentException("not a name: " + text);
        }
        return text;
    }

    private static int priority(int value) {
        if (value < -9 || value > 9) {
            throw new IllegalArgumentException("priority " + value + " is not within -9 and 9");
        }
        return value;
    }
}
