// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.State;

/**
 * The messages of which this node has a copy: what the server does to them, what others ask, and what is to be done about
 * each. Everything is written here before it is said to others. One thread at a time.
 */
public final class Custody {
    private final Desk desk;
    private final Standing standing;
    private final Clocks clocks;
    private final Rules rules;
    private final Ledger ledger;
    private final Owner owner;
    private final Guardian guardian;
    private final Returner returner;
    private final Handover handover;
    private final Replies replies;
    private boolean wanting;

    Custody(
            Membership members,
            Rules rules,
            Clocks clocks,
            Standing standing,
            Ledger ledger,
            Journal journal,
            Freight freight) {
        this.desk = new Desk(members, rules, clocks, standing, ledger, journal, this::work);
        this.standing = standing;
        this.clocks = clocks;
        this.rules = rules;
        this.ledger = ledger;
        this.guardian = new Guardian(desk);
        this.returner = new Returner(desk, guardian);
        this.handover = new Handover(desk, guardian);
        this.owner = new Owner(desk, freight, returner, handover);
        this.replies = new Replies(desk);
    }

    private String self() {
        return desk.self();
    }

    /** What was asked in the life before is asked anew; clients that wait are left without a reply. */
    void newLife() {
        desk.clear().forEach(t -> {
            if (t.admission != null) {
                t.admission.then.accept(new Receipt(Receipt.Kind.CLOSED, 0));
            }
        });
    }

    // ---- what the server asks for ---------------------------------------------------------------------------------

    /** Takes a new message; the client is answered once it is on as many disks as configured, or that has failed. */
    public void admit(MessageId id, List<Progress> recipients, Consumer<Receipt> then) {
        List<Keeper> keepers =
                new ArrayList<>(List.of(new Keeper(self(), standing.self().number(), true)));
        desk.reachable().limit(rules.copies() - 1L).forEach(n -> keepers.add(new Keeper(n, standing.known(n), true)));
        Dealing t = desk.task(id);
        t.admission = new Dealing.Admission(clocks.monotonic(), then);
        t.fresh = true;
        desk.write(List.of(fresh(id, keepers, recipients)));
    }

    /** A record of a new message; a notice is where the message is that it tells of. */
    public HeldMessage fresh(MessageId id, List<Keeper> keepers, List<Progress> recipients) {
        Incarnation me = standing.self();
        return new HeldMessage(
                id, new Ballot(0, me), false, 1, me.number(), keepers, recipients, Set.of(), List.of(), clocks.wall());
    }

    /** The record of a message that enters because of another one: it is wherever that one is wanted. */
    public HeldMessage beside(MessageId other, MessageId id, List<Progress> recipients) {
        List<Keeper> keepers = ledger.find(other).map(HeldMessage::keepers).orElse(List.of()).stream()
                .filter(k -> k.wanted() && !k.node().equals(self()))
                .toList();
        Keeper me = new Keeper(self(), standing.self().number(), true);
        return fresh(id, Stream.concat(Stream.of(me), keepers.stream()).toList(), recipients);
    }

    /**
     * Before the final dot: these recipients are about to be handed over. The holders are told; {@link #mayGo} says
     * when they know.
     *
     * @return false when this node may not deliver the message now, or its client still waits for the reply
     */
    public boolean intend(MessageId id, Collection<Progress> next) {
        HeldMessage m = ledger.find(id).orElse(null);
        if (m == null
                || desk.task(id).admission != null
                || !believes(id)
                || !next.stream().allMatch(n -> mayFly(m, n.recipient()))) {
            return false;
        }
        HeldMessage announced = merged(desk.relieved(m), next, m.stamped());
        next.forEach(n -> desk.task(id).fly(n.recipient(), announced.version()));
        desk.write(List.of(announced));
        return true;
    }

    /** The same with records that are made here. */
    public boolean intend(MessageId id, Set<Integer> recipients) {
        return ledger.find(id)
                .map(m -> intend(
                        id,
                        recipients.stream()
                                .map(r -> Desk.next(m, m.recipients().get(r), State.IN_TRANSIT))
                                .toList()))
                .orElse(false);
    }

    private boolean mayFly(HeldMessage m, int recipient) {
        Progress p = m.recipients().get(recipient);
        return Desk.ready(p)
                || p.state() == State.IN_TRANSIT && desk.task(m.id()).flying().containsKey(recipient);
    }

    /** Whether this node may deliver this message now, as far as ownership and the lease go. */
    public boolean believes(MessageId id) {
        HeldMessage m = ledger.find(id).orElse(null);
        if (m == null || m.claiming() || m.ended() || !desk.mine(m)) {
            return false;
        }
        return standing.living()
                && (m.alone(self()) || standing.current(m.since()) && (standing.leased() || !rules.leaseBeforeDot()));
    }

    /** The same for one who is to begin now: nobody waits for a reply, and all that was in the air is accounted for. */
    public boolean ready(MessageId id) {
        // Whoever asks does not ask again by himself.
        wanting |= rules.leaseBeforeDot() && !standing.leased();
        return believes(id)
                && desk.task(id).admission == null
                && !desk.suspended(id)
                && ledger.find(id).filter(desk::astray).isEmpty();
    }

    /** Whether {@link #ready} was asked, since this was, while there was no lease. */
    public boolean wasWanting() {
        boolean was = wanting;
        wanting = false;
        return was;
    }

    /**
     * Right before the final dot: whether all who may ever deliver this message know of the intent, nobody has said
     * meanwhile that one of these recipients has ended, and the message is ours.
     */
    public boolean mayGo(MessageId id, Collection<Integer> recipients) {
        return believes(id)
                && !desk.early(id)
                && ledger.find(id)
                        .filter(m -> recipients.stream().allMatch(r -> announced(m, r)))
                        .isPresent();
    }

    /** Whether all know that a recipient is on its way; what else they do not know yet is about other recipients. */
    private boolean announced(HeldMessage m, int recipient) {
        Long version = desk.task(m.id()).flying().get(recipient);
        return version != null
                && m.recipients().get(recipient).state() == State.IN_TRANSIT
                && desk.confirmed(m, version);
    }

    /**
     * After the reply: what became of recipients, and the notices that it causes, in one write; then the holders are
     * told. That somebody has it is true whoever owns the message by now, and is written in any case; what else there is to
     * say is for its owner to say ({@link #maySay}), and is dropped with the notices when this node is not.
     */
    public void settle(MessageId id, Collection<Progress> next, List<HeldMessage> notices) {
        Dealing t = desk.task(id);
        next.forEach(n -> t.land(n.recipient()));
        HeldMessage m = ledger.find(id).orElse(null);
        List<Progress> said = next.stream().filter(n -> maySay(id, n.state())).toList();
        if (m == null || !desk.owns(m) && said.isEmpty()) {
            return;
        }
        List<HeldMessage> entering = desk.owns(m) ? notices : List.of();
        HeldMessage before = desk.relieved(m);
        HeldMessage done = merged(before, said, clocks.wall())
                .with(Stream.concat(
                                before.companions().stream(), entering.stream().map(HeldMessage::id))
                        .toList());
        if (!desk.mine(m)) {
            t.askedOwner = -Desk.ASK_AGAIN;
            t.pause = Desk.ASK_AGAIN;
        }
        for (HeldMessage notice : entering) {
            Dealing n = desk.task(notice.id());
            n.fresh = true;
            n.parent = id;
            n.parentVersion = done.version();
        }
        List<HeldMessage> all = new ArrayList<>(List.of(done));
        all.addAll(entering);
        desk.write(all);
    }

    /**
     * Whether this node may still say this of a recipient that it tried: another node that owns the message by now comes to
     * an end of its own, and tells the sender.
     */
    public boolean maySay(MessageId id, State state) {
        if (state == State.DELIVERED) {
            return true;
        }
        return ledger.find(id)
                .filter(m -> state.ended() ? desk.owns(m) : desk.mine(m))
                .isPresent();
    }

    /** These recipients are in nobody's hands here any more, and nothing is to be said of them. */
    public void land(MessageId id, Collection<Integer> recipients) {
        recipients.forEach(desk.task(id)::land);
    }

    /** The same with records that are made here. */
    public void settle(MessageId id, Map<Integer, State> outcomes, List<HeldMessage> notices) {
        List<Progress> next = new ArrayList<>();
        ledger.find(id)
                .ifPresent(m -> outcomes.forEach(
                        (r, state) -> next.add(Desk.next(m, m.recipients().get(r), state))));
        outcomes.keySet().forEach(desk.task(id)::land);
        settle(id, next, notices);
    }

    private static HeldMessage merged(HeldMessage m, Collection<Progress> next, long stamped) {
        Map<Integer, Progress> byNumber = new HashMap<>();
        next.forEach(n -> byNumber.put(n.recipient(), n));
        return m.advanced(p -> Merge.of(p, byNumber.getOrDefault(p.recipient(), p)), stamped);
    }

    /** Nothing more is to happen to recipients that are not on their way; false when this node may not say so. */
    public boolean delete(MessageId id) {
        HeldMessage m = ledger.find(id).orElse(null);
        if (m == null || !believes(id)) {
            return false;
        }
        desk.write(List.of(desk.relieved(m)
                .advanced(p -> Desk.ready(p) ? Desk.next(m, p, State.DELETED) : p, clocks.wall())));
        return true;
    }

    /** The envelope is written anew with the last change of this message: whoever has the old one needs it. */
    public void rewritten(MessageId id) {
        Dealing t = desk.task(id);
        t.rewritten = version(id);
        t.outdated.addAll(desk.members.otherMail());
    }

    /** Recipients of which a change says that they may have been delivered. */
    public void doubt(MessageId id, Set<Integer> recipients) {
        ledger.find(id).ifPresent(m -> desk.write(List.of(m.doubting(recipients))));
    }

    /** The version of the record of a message; 0 when there is none. */
    public long version(MessageId id) {
        return ledger.find(id).map(HeldMessage::version).orElse(0L);
    }

    /**
     * Says so once everybody who may deliver the message has this version of it on disk, or is gone; that it will not be so
     * when the message is not ours any more. May be never.
     */
    public void whenSaid(MessageId id, long version, Consumer<Boolean> then) {
        Dealing t = desk.task(id);
        t.whenSaid(version, then);
        ledger.find(id).ifPresentOrElse(m -> said(m, t), () -> t.said(v -> false, true));
        if (t.awaited()) {
            desk.stir(id);
        }
    }

    private void said(HeldMessage m, Dealing t) {
        boolean early = desk.early(m.id());
        t.said(v -> !early && desk.confirmed(m, v), !desk.owns(m));
    }

    /** Whether all who may ever deliver the message have this node's last word of it on their disks. */
    public boolean confirmed(HeldMessage m) {
        return desk.confirmed(m);
    }

    /** After the start of the process: what was on its way then may have arrived. */
    public void resume(MessageId id) {
        ledger.find(id).ifPresent(m -> {
            m.companions().forEach(c -> desk.task(c).parent = id);
            if (desk.mine(m) && desk.astray(m)) {
                desk.write(List.of(desk.doubting(m, false)));
            }
        });
    }

    /** A new message was not taken after all; its client knows. */
    public void withdraw(MessageId id) {
        desk.task(id).admission = null;
    }

    /** What is on disk of a message may be older than what was known, so it was read again. */
    public void reread(MessageId id) {
        desk.task(id).durable = -1;
        desk.stir(id);
    }

    /** From now on this node hands over what it owns, for it is about to stop; or no more so. */
    public void leave(boolean now) {
        standing.leave(now);
    }

    /** Whether this node still owns the message, or hands it over at this moment. */
    public boolean holds(HeldMessage m) {
        return !m.ended() && (desk.mine(m) || desk.task(m.id()).heir != null);
    }

    /** Whether an end that this node has to tell is not known yet to all that may deliver the message. */
    public boolean tells(HeldMessage m) {
        return m.ended() && desk.mine(m) && !desk.told(m);
    }

    /** On how many nodes a message is, or is being stored, this one included. */
    public long copies(HeldMessage m) {
        return desk.count(m);
    }

    /** Nothing is known of a message any more. */
    public void forget(MessageId id) {
        desk.forget(id);
    }

    /** Messages about which something is to be done soon. */
    public List<MessageId> restless() {
        return desk.restless();
    }

    // ---- what others ask for --------------------------------------------------------------------------------------

    void handle(Incarnation from, Message message, Consumer<Answer> reply) {
        replies.handle(from, message, reply);
    }

    // ---- what is to be done ---------------------------------------------------------------------------------------

    /** Does what is to be done about a message now; does nothing when all is well. */
    public void work(MessageId id) {
        Dealing t = desk.task(id);
        if (t.admission != null && standing.knowsItself()) {
            ledger.find(id).ifPresent(m -> owner.answer(m, t));
        }
        HeldMessage m = ledger.find(id).orElse(null);
        if (m == null) {
            desk.forget(id);
            t.said(v -> false, true);
            return;
        }
        said(m, t);
        if (!standing.knowsItself()) {
            return;
        }
        if (desk.unsaid(m) && !desk.owns(m) && !m.claiming()) {
            returner.reconsider(m, t);
        } else if (!desk.early(id)) {
            act(m, t);
        }
        settleDown(id, t);
    }

    private void act(HeldMessage m, Dealing t) {
        if (desk.mine(m) && m.claiming() && (!m.ended() || desk.unsaid(m))) {
            guardian.ask(m, t);
        } else if (m.ended()) {
            owner.remember(m, t);
        } else if (desk.owns(m)) {
            owner.tend(m, t);
        } else if (!desk.mine(m) && standing.current(m.since())) {
            handover.guard(m, t);
        } else {
            returner.recover(m, t);
        }
    }

    private void settleDown(MessageId id, Dealing t) {
        HeldMessage m = ledger.find(id).orElse(null);
        if (m == null || calm(m, t)) {
            desk.calm(id);
            if (m != null && m.ended() && (desk.isCommon(m) ? t.spent() : !desk.mine(m) && t.idle())) {
                desk.lay(id);
            }
        } else {
            desk.stir(id);
        }
    }

    private boolean calm(HeldMessage m, Dealing t) {
        if (t.admission != null || t.awaited() || desk.early(m.id())) {
            return false;
        }
        if (desk.owns(m)) {
            return owner.calm(m, t);
        }
        Incarnation other = m.ballot().owner();
        return !desk.mine(m)
                && standing.current(m.since())
                && !t.orphan
                && (m.ended() || t.heir == null && !standing.gone(other.node(), other.number()));
    }
}
