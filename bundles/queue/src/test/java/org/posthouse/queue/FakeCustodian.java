// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.Predicate;
import org.posthouse.queue.spi.Custodian;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/** A custodian that answers what the test says, and writes into each record why it was written. */
final class FakeCustodian implements Custodian {
    static final Word TWO = new Word(Word.Kind.ACCEPTED, 2);

    volatile String closed = "";
    volatile long epoch;
    volatile State doubted = State.DEFERRED;
    volatile boolean shared = true;
    volatile boolean goes = true;
    /** Whether it fails whatever it is asked. */
    volatile boolean broken;
    /** The changes over which it fails. */
    volatile Predicate<Turn> failsOver = turn -> false;

    volatile Function<List<Spool.Stored>, CompletableFuture<Word>> admission =
            entering -> CompletableFuture.completedFuture(TWO);
    volatile Function<Turn, CompletableFuture<Word>> alteration = turn -> CompletableFuture.completedFuture(TWO);
    final Set<MessageId> elsewhere = ConcurrentHashMap.newKeySet();
    /** Messages of which the custodian has told itself that they may be delivered twice. */
    final Set<MessageId> told = ConcurrentHashMap.newKeySet();

    /** Messages that another node owns for certain. */
    final Set<MessageId> taken = ConcurrentHashMap.newKeySet();

    final Set<MessageId> waiting = ConcurrentHashMap.newKeySet();
    final ConcurrentLinkedQueue<String> deeds = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<String> ends = new ConcurrentLinkedQueue<>();

    /** The record that says this. */
    static byte[] record(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void check() {
        if (broken) {
            throw new IllegalStateException("a test");
        }
    }

    @Override
    public String closed() {
        check();
        return closed;
    }

    @Override
    public boolean owns(MessageId id) {
        check();
        return !elsewhere.contains(id) && !waiting.contains(id);
    }

    @Override
    public String why(MessageId id) {
        check();
        return "Another node owns message " + id;
    }

    @Override
    public boolean shows(MessageId id) {
        check();
        return !elsewhere.contains(id);
    }

    /** All but as many messages as are elsewhere. */
    @Override
    public Spool.Counts shown(Spool.Counts all) {
        check();
        return new Spool.Counts(all.messages() - elsewhere.size(), all.recipients(), all.octets());
    }

    @Override
    public boolean shared(MessageId id) {
        check();
        return shared;
    }

    @Override
    public long epoch(MessageId id) {
        check();
        return epoch;
    }

    @Override
    public boolean isDoubted(MessageId id, int recipient) {
        check();
        return told.contains(id);
    }

    @Override
    public State doubted() {
        check();
        return doubted;
    }

    @Override
    public Pledge admit(List<Spool.Stored> entering, Draft octets, Change change) {
        check();
        List<MessageId> ids = entering.stream().map(s -> s.envelope().id()).toList();
        waiting.addAll(ids);
        ids.forEach(id -> change.add(new Change.Step.Custody(id, record("ADMITTED"))));
        return new Told("ADMITTED", () -> admission.apply(entering).whenComplete((word, e) -> waiting.removeAll(ids)));
    }

    @Override
    public Pledge alter(Turn turn, Change change) {
        check();
        if (failsOver.test(turn)) {
            throw new IllegalStateException("a test");
        }
        String text = turn.deed() + " "
                + turn.changed().stream().map(FakeCustodian::brief).toList();
        deeds.add(text);
        change.add(new Change.Step.Custody(turn.id(), record(text)));
        List<MessageId> entering = new ArrayList<>();
        turn.entering().forEach(s -> entering.add(s.envelope().id()));
        entering.forEach(id -> change.add(new Change.Step.Custody(id, record("NOTICE"))));
        return new Told(turn.deed().name(), () -> alteration.apply(turn));
    }

    private static String brief(Progress p) {
        return p.recipient() + ":" + p.state() + "@" + p.epoch();
    }

    @Override
    public boolean maySay(MessageId id, State state) {
        check();
        return state == State.DELIVERED || !taken.contains(id);
    }

    @Override
    public void land(MessageId id, List<Integer> recipients) {
        ends.add("landed " + recipients);
    }

    @Override
    public boolean mayGo(MessageId id, List<Integer> recipients) {
        check();
        return goes && owns(id);
    }

    /** How many changes were made for this reason. */
    long count(Deed deed) {
        return deeds.stream().filter(d -> d.startsWith(deed.name())).count();
    }

    private final class Told implements Pledge {
        private final String what;
        private final java.util.function.Supplier<CompletableFuture<Word>> word;

        Told(String what, java.util.function.Supplier<CompletableFuture<Word>> word) {
            this.what = what;
            this.word = word;
        }

        @Override
        public void kept() {
            ends.add(what + " kept");
        }

        @Override
        public void broken() {
            ends.add(what + " broken");
        }

        @Override
        public CompletableFuture<Word> word() {
            return word.get();
        }
    }
}
