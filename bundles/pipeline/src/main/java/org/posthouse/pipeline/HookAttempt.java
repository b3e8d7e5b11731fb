// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Address;
import org.posthouse.api.Attempt;
import org.posthouse.api.Content;
import org.posthouse.api.Edit;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Route;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.DeliverHook;
import org.posthouse.pipeline.spi.AttemptStage;
import org.posthouse.pipeline.spi.HeaderBlock;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;

/** One attempt to deliver, asked of the deliver hooks in force at each of its questions. */
final class HookAttempt implements AttemptStage {
    private final Engine engine;
    private final Spool.Stored message;
    private final Route route;
    private final List<Integer> numbers;
    private Address sender;
    private String host = "";
    private @Nullable Head head;
    private @Nullable Head original;

    HookAttempt(Engine engine, Spool.Stored message, Route route, List<Integer> numbers) {
        this.engine = engine;
        this.message = message;
        this.route = route;
        this.numbers = List.copyOf(numbers);
        this.sender = message.envelope().sender().address();
    }

    @Override
    public Verdict.Delivery before() {
        return ask((hook, overlay) -> ((DeliverHook) hook).beforeAttempt(new View(overlay)));
    }

    @Override
    public Verdict.Delivery connected(String name) {
        host = name;
        return ask((hook, overlay) -> ((DeliverHook) hook).onConnected(new View(overlay)));
    }

    @Override
    public Verdict.Delivery replied(Reply reply) {
        return ask((hook, overlay) -> ((DeliverHook) hook).onReply(new View(overlay), reply));
    }

    private Verdict.Delivery ask(DeliveryBallot.Call call) {
        Snapshot snapshot = engine.snapshots().hold();
        try {
            Place[] places = snapshot.places(org.posthouse.api.Stage.DELIVER);
            if (places.length == 0) {
                return Verdict.Delivery.proceed();
            }
            Envelope envelope = message.envelope();
            DeliveryBallot ballot = new DeliveryBallot(
                    envelope.origin().listener(),
                    envelope.origin().session(),
                    envelope.id().toString(),
                    envelope.routing().tenant(),
                    engine.failures(),
                    call,
                    this::join);
            Stage.ask(places, 0, ballot);
            return ballot.delivery();
        } finally {
            snapshot.release();
        }
    }

    /** Applies the edits of one hook to this attempt alone. */
    private void join(Overlay overlay) {
        if (overlay.edits().isEmpty()) {
            return;
        }
        HeaderDesk desk = new HeaderDesk(
                overlay.edits().stream().allMatch(e -> e instanceof Edit.ChangeSender)
                        ? new HeaderBlock(List.of())
                        : head().fields());
        Address next = sender;
        for (Edit edit : overlay.edits()) {
            switch (edit) {
                case Edit.ChangeSender e -> next = Desk.path(e.address());
                case Edit.AddHeader e -> desk.add(e);
                case Edit.InsertHeader e -> desk.insert(e);
                case Edit.ChangeHeader e -> desk.change(e);
                case Edit.RemoveHeader e -> desk.remove(e);
                default -> throw new IllegalStateException("no edit of an attempt: " + edit);
            }
        }
        sender = next;
        if (desk.touched()) {
            head = desk.done();
        }
    }

    private Head head() {
        if (head == null) {
            original = stored();
            head = original;
        }
        return head;
    }

    private Head stored() {
        Envelope envelope = message.envelope();
        if (envelope.headEdited()) {
            return new Head(envelope.head());
        }
        try (InputStream in = engine.spool().received(envelope).open()) {
            byte[] block = in.readNBytes(envelope.body().headLength());
            return new Head(new String(block, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Address sender() {
        return sender;
    }

    @Override
    public Content content(Content content) {
        if (head == null || original == null || head == original) {
            return content;
        }
        String trace = message.envelope().trace();
        return new PrefixedContent(
                trace + head.text(), content, trace.length() + original.text().length());
    }

    /** The attempt as one hook sees it in one turn. */
    private final class View implements Attempt {
        private final Overlay overlay;

        View(Overlay overlay) {
            this.overlay = overlay;
        }

        @Override
        public String messageId() {
            return message.envelope().id().toString();
        }

        @Override
        public Route route() {
            return route;
        }

        @Override
        public Address sender() {
            return sender;
        }

        @Override
        public List<Recipient> recipients() {
            List<Recipient> all = message.envelope().recipients();
            return numbers.stream().map(all::get).toList();
        }

        @Override
        public int attempts() {
            return message.progress().stream()
                    .filter(p -> numbers.contains(p.recipient()))
                    .mapToInt(Progress::attempts)
                    .max()
                    .orElse(0);
        }

        @Override
        public String host() {
            return host;
        }

        @Override
        public <T> java.util.Optional<T> get(Note<T> note) {
            return NoteValues.get(message.envelope().notes(), note);
        }

        @Override
        public void edit(Edit edit) {
            EditRules.check(overlay, edit);
            overlay.stage(edit);
        }
    }
}
