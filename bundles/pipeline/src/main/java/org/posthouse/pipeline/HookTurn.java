// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Content;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Sender;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.pipeline.spi.Turn;
import org.posthouse.pipeline.trace.Trail;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;

/** One transaction, asked of the hooks that were in force when it began, from MAIL to the sealed envelopes. */
final class HookTurn implements Turn {
    private static final Reply CLOSED = new Reply(550, "5.7.1", "Relaying denied");
    private static final Reply BULKY = new Reply(552, "5.3.4", "Message header too large");
    private static final int MOST_NAMES = 100;
    private static final Reply UNREADABLE = new Reply(451, "4.3.0", "Temporary failure, try again later");

    private final Engine engine;
    private final Snapshot snapshot;
    private final TurnState state;
    private final List<Draft> replacements = new ArrayList<>(0);
    private final AtomicBoolean over = new AtomicBoolean();
    private Dossier dossier;
    private String trace = "";
    private @Nullable Content received;
    private @Nullable Envelope stored;
    private List<String> envelopes = List.of();
    private boolean ended;
    private @Nullable Decision hold;
    private @Nullable Decision discard;

    private HookTurn(Engine engine, Snapshot snapshot, TurnState state, Dossier dossier) {
        this.engine = engine;
        this.snapshot = snapshot;
        this.state = state;
        this.dossier = dossier;
    }

    /** A transaction of a client; the snapshot is held already. */
    static HookTurn received(Engine engine, Snapshot snapshot, SessionState in, Dossier dossier) {
        String id = dossier.id().toString();
        String session = in.facts().session();
        Trail trail = engine.tracer().transaction(id, session, in.minutes().trail());
        Tape tape = in.answers() == null ? engine.tapes().begin(in, id, dossier.sender()) : null;
        return new HookTurn(engine, snapshot, state(engine, in, trail, dossier, tape), dossier);
    }

    private static TurnState state(
            Engine engine, SessionState in, @Nullable Trail trail, Dossier dossier, @Nullable Tape tape) {
        String sender = dossier.sender().address().toString();
        if (trail != null) {
            trail.sender(sender);
        }
        String id = dossier.id().toString();
        return new TurnState(in, new Minutes(engine, trail, in.facts().session(), id, sender), tape);
    }

    /** A message that was committed unjudged; the snapshot is held already. */
    static HookTurn stored(Engine engine, Snapshot snapshot, SessionState session, Envelope envelope)
            throws IOException {
        try {
            Content octets = engine.spool().received(envelope);
            Body body = Body.received(octets, envelope.body());
            List<Dossier.Seat> seats = envelope.recipients().stream()
                    .map(recipient -> new Dossier.Seat(recipient, 0))
                    .toList();
            Head head = envelope.headEdited() ? new Head(envelope.head()) : body.head();
            Dossier dossier = new Dossier(
                    envelope.id(), envelope.sender(), seats, envelope.routing(), null, head, body, envelope.notes());
            Trail trail = engine.tracer()
                    .message(envelope.id().toString(), envelope.origin().session());
            HookTurn turn = new HookTurn(engine, snapshot, state(engine, session, trail, dossier, null), dossier);
            turn.trace = envelope.trace();
            turn.received = octets;
            turn.stored = envelope;
            return turn;
        } catch (IOException | RuntimeException e) {
            snapshot.release();
            throw e;
        }
    }

    @Override
    public MessageId id() {
        return dossier.id();
    }

    @Override
    public Sender sender() {
        return dossier.sender();
    }

    @Override
    public List<Recipient> recipients() {
        return dossier.recipients();
    }

    @Override
    public Decision mail() {
        Decision decision = ask(
                org.posthouse.api.Stage.MAIL,
                (hook, overlay) ->
                        ((MailHook) hook).onMail(view(overlay), shown(overlay).sender()));
        Tape tape = state.tape();
        if (tape != null) {
            tape.mail(decision);
        }
        return decision;
    }

    @Override
    public Decision rcpt(Recipient recipient) {
        Trail trail = state.minutes().trail();
        if (trail != null) {
            trail.recipient(recipient.address().toString());
        }
        Decision decision = judged(recipient);
        Tape tape = state.tape();
        if (tape != null) {
            tape.rcpt(recipient, decision);
        }
        return decision;
    }

    private Decision judged(Recipient recipient) {
        Dossier before = dossier;
        Place[] places = snapshot.places(org.posthouse.api.Stage.RCPT);
        // The asked recipient stands last while its hooks are asked, so that they can replace it; refused, all is
        // undone.
        dossier = before.plus(recipient);
        Ballot ballot = ballot(
                org.posthouse.api.Stage.RCPT,
                recipient.address().toString(),
                before,
                (hook, overlay) -> ((RcptHook) hook).onRcpt(view(accepted(before), overlay), recipient),
                this::join);
        Stage.ask(places, 0, ballot);
        Decision decision = ballot.decision();
        if (!decision.refuses() && !ballot.accepted() && !open(recipient)) {
            decision = new Decision(Decision.Action.REFUSE, CLOSED, "", "no hook accepted the recipient");
            state.minutes().decided(CLOSED.toString());
        }
        if (decision.refuses()) {
            dossier = before;
        }
        return decision;
    }

    /** What a recipient hook is shown: the edits so far over the recipients that were accepted before. */
    private Dossier accepted(Dossier before) {
        Dossier now = dossier;
        return new Dossier(
                now.id(), now.sender(), before.seats(), now.routing(), now.due(), now.head(), now.body(), now.notes());
    }

    /** RFC 5321 4.5.1: the bare postmaster is always ours; who may relay needs no vote. */
    private boolean open(Recipient recipient) {
        return state.session().facts().trusted()
                || state.session().authenticated()
                || recipient.domain().isEmpty() && recipient.address().local().equalsIgnoreCase("postmaster");
    }

    @Override
    public Decision headers(String block) {
        if (!snapshot.asksHeaders()) {
            return Decision.PROCEED;
        }
        dossier = dossier.with(AuthenticationResults.withoutForged(new Head(block), engine.hostname()));
        Decision decision = remember(ask(
                org.posthouse.api.Stage.DATA,
                (hook, overlay) -> ((DataHook) hook)
                        .onHeaders(view(overlay), shown(overlay).head().fields())));
        Tape tape = state.tape();
        ended |= decision.refuses();
        if (tape != null && decision.refuses()) {
            tape.head(block);
            tape.message(decision);
        }
        return decision;
    }

    @Override
    public Decision message(Draft draft, Envelope.BodyRef ref, String lines) {
        Decision decision = judged(draft, ref, lines);
        Tape tape = state.tape();
        Body body = dossier.body();
        if (tape != null && body != null) {
            tape.message(decision);
        }
        if (decision.refuses()) {
            ended = true;
            state.minutes().decided(String.valueOf(decision.reply()));
        }
        return decision;
    }

    private Decision judged(Draft draft, Envelope.BodyRef ref, String lines) {
        if (ref.headLength() > Body.MOST_HEAD) {
            return new Decision(Decision.Action.REFUSE, BULKY, "", "header block of " + ref.headLength() + " octets");
        }
        Body body;
        try {
            body = Body.received(draft.content(), ref);
        } catch (IOException e) {
            return new Decision(Decision.Action.REFUSE, UNREADABLE, "", "draft can not be read: " + e.getMessage());
        }
        trace = lines;
        received = body.octets();
        Tape tape = state.tape();
        if (tape != null) {
            tape.body(body);
        }
        // Where onHeaders was asked, its edits stand already.
        boolean asked = dossier.head() != Head.NONE;
        dossier = dossier.with(
                body, asked ? dossier.head() : AuthenticationResults.withoutForged(body.head(), engine.hostname()));
        Decision decision = ask(
                org.posthouse.api.Stage.DATA,
                (hook, overlay) -> ((DataHook) hook).onMessage(view(overlay), message(dossier, overlay)));
        dossier = dossier.with(AuthenticationResults.withOurs(dossier.head(), engine.hostname(), state.results()));
        remember(decision);
        return decision.refuses() ? decision : remembered();
    }

    private Decision remember(Decision decision) {
        switch (decision.action()) {
            case HOLD -> hold = hold == null ? decision : hold;
            case DISCARD -> discard = discard == null ? decision : discard;
            default -> {}
        }
        return decision.refuses() ? decision : Decision.PROCEED;
    }

    private Decision remembered() {
        if (hold != null) {
            return hold;
        }
        return discard != null ? discard : Decision.PROCEED;
    }

    @Override
    public Sealed queue() {
        Sealing sealing = new Sealing(this, snapshot, state, trace, stored);
        Sealed sealed = sealing.seal(dossier, hold, discard);
        if (sealed.replacement() != null) {
            replacements.remove(sealed.replacement());
        }
        told(sealed);
        return sealed;
    }

    private void told(Sealed sealed) {
        ended = true;
        Tape tape = state.tape();
        if (tape != null) {
            tape.message(sealed.decision());
        }
        Trail trail = state.minutes().trail();
        if (trail == null) {
            return;
        }
        trail.fact("stamp", snapshot.stamp(state.session().facts().session()));
        trail.decided(
                switch (sealed.decision().action()) {
                    case PROCEED -> "queued";
                    case HOLD -> "held";
                    case DISCARD -> "discarded";
                    case REFUSE, DISCONNECT -> String.valueOf(sealed.decision().reply());
                });
        envelopes = sealed.admissions().stream()
                .map(admission -> admission.envelope().id().toString())
                .filter(other -> !other.equals(trail.id()))
                .limit(MOST_NAMES)
                .toList();
    }

    private Decision ask(org.posthouse.api.Stage stage, Ballot.Call call) {
        Place[] places = snapshot.places(stage);
        if (places.length == 0) {
            return Decision.PROCEED;
        }
        Ballot ballot = ballot(stage, "", dossier, call, this::join);
        Stage.ask(places, 0, ballot);
        return ballot.decision();
    }

    Ballot ballot(
            org.posthouse.api.Stage stage,
            String about,
            Dossier of,
            Ballot.Call call,
            java.util.function.Consumer<Overlay> join) {
        boolean withMessage = stage == org.posthouse.api.Stage.DATA || stage == org.posthouse.api.Stage.QUEUE;
        String id = dossier.id().toString();
        return new Ballot(
                        stage,
                        state,
                        id,
                        about,
                        place -> state.session().over(place)
                                || state.over(place)
                                || withMessage && state.shown(of, place).seats().isEmpty(),
                        engine.failures(),
                        call,
                        join)
                .of(() -> dossier.routing().tenant());
    }

    /** The dossier as this hook sees it. */
    private Dossier shown(Overlay overlay) {
        return state.shown(dossier, overlay.place());
    }

    /** Tries what a hook in shadow mode staged, and keeps it where that hook alone sees it. */
    void tried(Dossier before, Overlay overlay, boolean mayReplaceBody) {
        edited(state.shown(before, overlay.place()), overlay, mayReplaceBody, children -> {});
        state.join(overlay);
    }

    private void join(Overlay overlay) {
        if (overlay.place().terms().shadow()) {
            tried(dossier, overlay, true);
            return;
        }
        dossier = edited(dossier, overlay, true, children -> {});
        state.join(overlay);
    }

    /** The dossier after the edits and message notes of one hook; asks for children to be taken when there are any. */
    Dossier edited(Dossier before, Overlay overlay, boolean mayReplaceBody, Children children) {
        if (overlay.edits().isEmpty()) {
            if (overlay.notes().isEmpty()) {
                return before;
            }
            return before.with(TurnState.messageNotes(before.notes(), overlay));
        }
        Desk desk = new Desk(before);
        desk.apply(overlay.edits());
        if (desk.replacesBody() && !mayReplaceBody) {
            throw new IllegalStateException("the body can not be replaced once the envelope is split");
        }
        Dossier after = desk.done(TurnState.messageNotes(before.notes(), overlay));
        if (desk.replacesBody()) {
            replacements.add(
                    Objects.requireNonNull(Objects.requireNonNull(after.body()).replacement()));
        }
        children.take(desk.children(after));
        return after;
    }

    /** Takes the envelopes that a hook split off. */
    @FunctionalInterface
    interface Children {
        void take(List<Dossier> children);
    }

    private TransactionView view(Overlay overlay) {
        return view(dossier, overlay);
    }

    TransactionView view(Dossier of, Overlay overlay) {
        return new TransactionView(state, state.shown(of, overlay.place()), overlay, this::body);
    }

    MessageView message(Dossier of, Overlay overlay) {
        Body body = Objects.requireNonNull(of.body());
        Head head = state.shown(of, overlay.place()).head();
        return new MessageView(trace, Objects.requireNonNull(received), body, head, overlay);
    }

    private SpooledBody body(Dossier of) throws IOException {
        if (stored != null) {
            throw new IOException("the body of a message that is committed already can not be replaced");
        }
        Draft draft = engine.spool().draft(MessageId.next());
        try {
            return new SpooledBody(draft, of.head().text());
        } catch (IOException | RuntimeException e) {
            draft.close();
            throw e;
        }
    }

    @Override
    public void close() {
        if (over.compareAndSet(false, true)) {
            replacements.forEach(Draft::close);
            Tape tape = state.tape();
            if (tape != null) {
                engine.tapes().ended(tape);
            }
            if (!ended && !dossier.seats().isEmpty()) {
                state.minutes().decided("aborted");
            }
            state.minutes().end(envelopes);
            state.notes().end(snapshot::release);
        }
    }
}
