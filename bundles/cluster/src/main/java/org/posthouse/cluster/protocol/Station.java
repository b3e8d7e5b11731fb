// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.posthouse.spool.spi.MessageId;

/**
 * One member of the cluster: takes frames from the others and calls by the clock, and leads them to its standing and
 * its mail. One thread at a time; nothing in here waits.
 */
public final class Station {
    private final Membership members;
    private final Standing standing;
    private final Custody custody;
    private final Map<Incarnation, Long> last = new HashMap<>();
    private Asides asides = (from, octets, answer) -> {};

    public Station(
            Membership members,
            Rules rules,
            Clocks clocks,
            Ledger ledger,
            Peers peers,
            Journal journal,
            Freight freight) {
        this.members = members;
        this.standing = new Standing(members, rules, clocks, ledger, peers, this::newLife);
        this.custody = new Custody(members, rules, clocks, standing, ledger, journal, freight);
    }

    /** Takes what others say beside the mail. */
    @FunctionalInterface
    public interface Asides {
        /** Takes octets of a member; who does not answer lets it wait in vain. */
        void take(String from, byte[] octets, Consumer<byte[]> answer);
    }

    /** Who takes what others say beside the mail from now on. */
    public void beside(Asides taker) {
        asides = taker;
    }

    /** Says something to a member that is not about mail; tells the answer, or null when none came. */
    public void say(String member, byte[] octets, Consumer<byte @Nullable []> answer) {
        standing.ask(
                member,
                new Message.Aside(octets),
                response -> answer.accept(response instanceof Answer.Beside beside ? beside.octets() : null));
    }

    private void newLife() {
        custody.newLife();
    }

    /** How it stands with the others. */
    public Standing standing() {
        return standing;
    }

    /** Its mail. */
    public Custody custody() {
        return custody;
    }

    /** Called about once a second. */
    public void tick() {
        standing.tick();
    }

    /** Does what is to be done about one message; called for each from time to time. */
    public void work(MessageId id) {
        custody.work(id);
    }

    /** Takes a frame; the answer is given once what it says is on disk. */
    public void receive(Frame frame, Consumer<Response> answer) {
        Consumer<Answer> reply = a -> answer.accept(new Response(
                standing.living() ? standing.self() : new Incarnation(members.self(), 0), standing.emptySince(), a));
        if (frame.from().number() > 0 && !standing.refuses(frame.from())) {
            standing.meet(frame.from(), frame.emptySince());
        }
        switch (frame.message()) {
            case Message.Hello hello -> standing.handle(frame, reply);
            case Message.Renew renew -> standing.handle(frame, reply);
            case Message.Fence fence -> standing.handle(frame, reply);
            default -> mail(frame, reply);
        }
    }

    private void mail(Frame frame, Consumer<Answer> reply) {
        if (!standing.living()) {
            reply.accept(new Answer.NotReady());
        } else if (standing.refuses(frame.from())) {
            reply.accept(new Answer.Fenced(standing.of(frame.from().node())));
        } else if (!frame.to().equals(standing.self()) || frame.number() <= last.getOrDefault(frame.from(), 0L)) {
            reply.accept(new Answer.Late());
        } else {
            last.put(frame.from(), frame.number());
            if (frame.message() instanceof Message.Aside aside) {
                asides.take(frame.from().node(), aside.octets(), octets -> reply.accept(new Answer.Beside(octets)));
                return;
            }
            custody.handle(frame.from(), frame.message(), reply);
        }
    }
}
