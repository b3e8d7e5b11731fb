// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.posthouse.api.Address;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.queue.spi.Queue;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** A queue in memory that keeps a diary of what was done to it. */
public final class FakeQueue implements Queue {
    private final Map<MessageId, Spool.Stored> messages = new LinkedHashMap<>();
    private final List<String> diary = new ArrayList<>();
    private boolean sick;

    /** Every call fails from now on, as with a broken disk. */
    public void fallSick() {
        sick = true;
    }

    /** What was done, one line each. */
    public synchronized List<String> diary() {
        return List.copyOf(diary);
    }

    /** Adds a message with one recipient per reply; an empty reply is a recipient before its first attempt. */
    public synchronized MessageId add(String sender, List<String> recipients, State state, String reply) {
        return add(messages.size(), sender, recipients, state, reply);
    }

    /** The same with the number of the message, which says when it arrived. */
    public synchronized MessageId add(int number, String sender, List<String> recipients, State state, String reply) {
        // Spread in time, so that the order of arrival is that of the calls.
        MessageId id = new MessageId((1_700_000_000_000L + number * 1000L) << 16, number * 31L + 7);
        Instant due = Instant.ofEpochMilli(1_800_000_000_000L);
        List<Progress> progress = new ArrayList<>();
        for (int i = 0; i < recipients.size(); i++) {
            progress.add(new Progress(
                    i, state, 0, 1, reply.isEmpty() ? 0 : 3, due, reply, reply.isEmpty() ? "" : "mx.example.net", due));
        }
        messages.put(
                id,
                new Spool.Stored(
                        new Envelope(
                                id,
                                id.time(),
                                new Envelope.Origin("s1", "mx", "192.0.2.7", "client.example", "TLSv1.3", "alice"),
                                Sender.of(Address.of(sender)),
                                recipients.stream()
                                        .map(Address::of)
                                        .map(Recipient::of)
                                        .toList(),
                                new Envelope.Routing("", "bulk", 0, List.of("news"), ""),
                                "Received: from client.example\r\n",
                                "",
                                false,
                                new Envelope.BodyRef(id, false, 4711, 400, 402, false, 1, ""),
                                Map.of(),
                                "config@1"),
                        progress));
        return id;
    }

    @Override
    public synchronized Page list(Filter filter, MessageId after, int most) throws SpoolException {
        check();
        List<Spool.Stored> found = messages.values().stream()
                .filter(stored -> after == null || stored.envelope().id().compareTo(after) > 0)
                .filter(stored -> fits(filter, stored))
                .toList();
        List<Spool.Stored> page = found.stream().limit(most).toList();
        return new Page(page, found.size() > most ? page.getLast().envelope().id() : null);
    }

    private static boolean fits(Filter filter, Spool.Stored stored) {
        return (filter.state() == null || stored.progress().stream().anyMatch(p -> p.state() == filter.state()))
                && stored.envelope().sender().address().toString().contains(filter.sender())
                && stored.envelope().recipients().stream()
                        .anyMatch(to -> to.address().toString().contains(filter.recipient()));
    }

    @Override
    public synchronized Optional<Spool.Stored> show(MessageId id) throws SpoolException {
        check();
        return Optional.ofNullable(messages.get(id));
    }

    @Override
    public synchronized Spool.Counts counts() {
        Map<State, Long> counts = new EnumMap<>(State.class);
        messages.values().stream()
                .flatMap(stored -> stored.progress().stream())
                .forEach(progress -> counts.merge(progress.state(), 1L, Long::sum));
        return new Spool.Counts(messages.size(), counts, messages.size() * 4711L);
    }

    @Override
    public List<SiteLine> sites() {
        return List.of(new SiteLine("mx.example.net", 3, 1, "connection refused", Map.of("attempts", 7L)));
    }

    @Override
    public synchronized int hold(MessageId id, String reason, String who) throws SpoolException {
        diary.add("hold " + id + " \"" + reason + "\" by " + who);
        return change(id, p -> !p.state().ended() && p.state() != State.HELD, State.HELD);
    }

    @Override
    public synchronized int release(MessageId id, String who) throws SpoolException {
        diary.add("release " + id + " by " + who);
        return change(id, p -> p.state() == State.HELD, State.QUEUED);
    }

    @Override
    public synchronized int retry(MessageId id, String who) throws SpoolException {
        diary.add("retry " + id + " by " + who);
        return change(id, p -> p.state() == State.DEFERRED, State.DEFERRED);
    }

    @Override
    public synchronized int delete(MessageId id, boolean notice, String who) throws SpoolException {
        diary.add("delete " + id + (notice ? " with notice" : "") + " by " + who);
        check();
        return messages.remove(id).progress().size();
    }

    private int change(MessageId id, Predicate<Progress> which, State to) throws SpoolException {
        check();
        UnaryOperator<Progress> step = p -> which.test(p) ? p.to(to, p.due(), p.reply(), p.host()) : p;
        Spool.Stored stored = messages.get(id);
        int changed = (int) stored.progress().stream().filter(which).count();
        messages.put(
                id,
                new Spool.Stored(
                        stored.envelope(), stored.progress().stream().map(step).toList()));
        return changed;
    }

    private void check() throws SpoolException {
        if (sick) {
            throw new SpoolException(SpoolException.Kind.SICK, "the disk is sick");
        }
    }
}
