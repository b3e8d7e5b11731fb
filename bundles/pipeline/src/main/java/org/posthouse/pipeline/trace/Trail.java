// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.trace;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Event;
import org.posthouse.pipeline.spi.Traces.Step;
import org.posthouse.pipeline.spi.Traces.Trace;

/**
 * The trace of one session or transaction while it is written. It holds texts and numbers alone, nothing of a plugin, so
 * that a generation can go while its answers are remembered.
 */
public final class Trail {
    static final int MOST_STEPS = 1000;
    static final int MOST_EVENTS = 200;
    static final int MOST_RECIPIENTS = 100;
    private static final int MOST_TEXT = 1000;
    private static final long MOST_OCTETS = 256_000;
    private static final int OCTETS = 400;
    private static final int STEP_OCTETS = 160;

    private final boolean sampled;
    private final String id;
    private final String session;
    private final @Nullable Trail parent;
    private final Instant begun = Instant.now();
    private final long nanos = System.nanoTime();
    private final Map<String, String> facts = new LinkedHashMap<>();
    private final List<Step> steps = new ArrayList<>(8);
    private final List<Event> events = new ArrayList<>(0);
    private final List<String> recipients = new ArrayList<>(2);
    private long asked;
    private long dropped;
    private String decision = "";
    private String sender = "";
    private String peer = "";
    private int transactions;
    private long octets = OCTETS;

    /**
     * Begins now.
     *
     * @param sampled whether it is kept in any case, not only when somebody waits for it
     * @param id the message, or empty for a session
     * @param session the session
     * @param parent the trail of the session that a transaction belongs to, or null
     */
    Trail(boolean sampled, String id, String session, @Nullable Trail parent) {
        this.sampled = sampled;
        this.id = id;
        this.session = session;
        this.parent = parent;
        if (parent != null) {
            synchronized (parent) {
                parent.transactions++;
                facts.putAll(parent.facts);
                peer = parent.peer;
            }
        }
    }

    /** The message, or empty. */
    public String id() {
        return id;
    }

    String session() {
        return session;
    }

    boolean sampled() {
        return sampled;
    }

    @Nullable
    Trail parent() {
        return parent;
    }

    /** Microseconds from its beginning to this reading of the clock. */
    public long micros(long nanoTime) {
        return Math.max(0, (nanoTime - nanos) / 1000);
    }

    /** A fact by its name in the event log; an empty one is forgotten. */
    public synchronized void fact(String name, String value) {
        if (value.isEmpty()) {
            facts.remove(name);
        } else {
            facts.put(name, cut(value));
            octets += 60 + name.length() + value.length();
        }
    }

    /** The address of the client. */
    public synchronized void peer(String address) {
        peer = address;
        fact("peer", address);
    }

    /** The reverse-path. */
    public synchronized void sender(String address) {
        sender = address;
        facts.put("sender", cut(address));
        octets += 60 + address.length();
    }

    /** A recipient was asked about. */
    public synchronized void recipient(String address) {
        asked++;
        if (recipients.size() < MOST_RECIPIENTS) {
            recipients.add(cut(address));
            octets += 60 + address.length();
        }
    }

    /** What a hook said. */
    public synchronized void add(Step step) {
        if (steps.size() >= MOST_STEPS || octets > MOST_OCTETS) {
            dropped++;
            return;
        }
        steps.add(step);
        octets += STEP_OCTETS + size(step);
    }

    private static long size(Step step) {
        long size =
                step.about().length() + step.reason().length() + step.reply().length();
        for (String edit : step.edits()) {
            size += 60 + edit.length();
        }
        for (String result : step.results()) {
            size += 60 + result.length();
        }
        return size + 100L * step.scores().size();
    }

    /** What happened to it. */
    synchronized void add(Event event) {
        if (events.size() < MOST_EVENTS && octets <= 2 * MOST_OCTETS) {
            events.add(event);
            octets += 200 + 80L * event.facts().size();
        }
    }

    /** How it ended, as far as it is known now. */
    public synchronized void decided(String how) {
        decision = cut(how);
    }

    /** What it takes of the heap, roughly. */
    synchronized long octets() {
        return octets;
    }

    /** Whether it is a session whose messages have trails of their own. */
    synchronized boolean hasTransactions() {
        return transactions > 0;
    }

    /** Whether it is what somebody waits for. */
    synchronized boolean fits(Fit fit) {
        return fit.fits(sender, recipients, peer, !id.isEmpty());
    }

    /** Whether there is nothing to tell. */
    synchronized boolean empty() {
        return steps.isEmpty() && events.isEmpty() && decision.isEmpty() && transactions == 0;
    }

    /** As it stands now; what the session said before stands in front, and all offsets count from the first step. */
    Trace trace() {
        List<Step> all = new ArrayList<>();
        Instant first = begun;
        long shift = 0;
        if (parent != null) {
            synchronized (parent) {
                if (!parent.steps.isEmpty()) {
                    all.addAll(parent.steps);
                    first = parent.begun;
                    shift = Math.max(0, (nanos - parent.nanos) / 1000);
                }
            }
        }
        synchronized (this) {
            for (Step step : steps) {
                all.add(shifted(step, shift));
            }
            return new Trace(id, session, first, facts(), all, decision, events);
        }
    }

    /** A session as it stands now with the trails of its messages. */
    static Trace together(Trail session, List<Trail> messages) {
        List<Step> steps = new ArrayList<>();
        List<Event> events = new ArrayList<>();
        Map<String, String> facts;
        String decision;
        synchronized (session) {
            steps.addAll(session.steps);
            events.addAll(session.events);
            facts = session.facts();
            decision = session.decision;
        }
        for (Trail message : messages) {
            synchronized (message) {
                long shift = Math.max(0, (message.nanos - session.nanos) / 1000);
                message.steps.forEach(step -> steps.add(shifted(step, shift)));
                events.addAll(message.events);
                decision = message.decision.isEmpty() ? decision : message.decision;
            }
        }
        steps.sort(Comparator.comparingLong(Step::atMicros));
        events.sort(Comparator.comparing(Event::at));
        return new Trace("", session.session, session.begun, facts, steps, decision, events);
    }

    private Map<String, String> facts() {
        Map<String, String> all = new LinkedHashMap<>(facts);
        if (!recipients.isEmpty()) {
            String more = asked > recipients.size() ? " and " + (asked - recipients.size()) + " more" : "";
            all.put("recipients", String.join(" ", recipients) + more);
        }
        if (dropped > 0) {
            all.put("steps dropped", String.valueOf(dropped));
        }
        return all;
    }

    private static Step shifted(Step step, long micros) {
        if (micros == 0) {
            return step;
        }
        return new Step(
                step.stage(),
                step.about(),
                step.hook(),
                step.plugin(),
                step.version(),
                step.generation(),
                step.mode(),
                step.atMicros() + micros,
                step.micros(),
                step.verdict(),
                step.reply(),
                step.reason(),
                step.edits(),
                step.scores(),
                step.results());
    }

    /** Texts of plugins and clients may be long; what a person reads is not. */
    public static String cut(String text) {
        return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + "…";
    }
}
