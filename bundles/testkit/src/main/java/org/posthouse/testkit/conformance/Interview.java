// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Stage;
import org.posthouse.api.hook.Authenticator;
import org.posthouse.api.hook.ConnectHook;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.DeliverHook;
import org.posthouse.api.hook.HeloHook;
import org.posthouse.api.hook.MailHook;
import org.posthouse.api.hook.QueueHook;
import org.posthouse.api.hook.RcptHook;
import org.posthouse.testkit.FakeAttempt;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;

/** Asks a hook all that it can be asked, one sample after the other. */
final class Interview {
    private final Declaration declared;
    private final Object hook;

    /** One question to a hook. */
    record Question(String text, Stage stage, Call call) {
        /** Asks, and tells what it left. */
        Answer ask() {
            List<Supplier<String>> left = new ArrayList<>();
            try {
                Object said = call.ask(left);
                return new Answer(text, said, null, effects(left));
            } catch (Exception | LinkageError | StackOverflowError e) {
                return new Answer(text, null, e, effects(left));
            }
        }

        private static String effects(List<Supplier<String>> left) {
            return String.join(" ", left.stream().map(Supplier::get).toList()).strip();
        }
    }

    /** The call of a method of a hook. */
    @FunctionalInterface
    interface Call {
        @Nullable
        Object ask(List<Supplier<String>> left) throws Exception;
    }

    Interview(Declaration declared, Object hook) {
        this.declared = declared;
        this.hook = hook;
    }

    /** All questions, for every stage whose interface the hook implements. */
    List<Question> questions() {
        List<Question> all = new ArrayList<>();
        for (Sample sample : Sample.all()) {
            session(sample, all);
            envelope(sample, all);
            message(sample, all);
            deliver(sample, all);
        }
        return all;
    }

    private Set<Need> needs() {
        return declared.needs();
    }

    private void add(List<Question> all, Stage stage, Sample sample, Call call) {
        all.add(new Question(declared.name() + " at " + stage + ", " + sample, stage, call));
    }

    private void session(Sample sample, List<Question> all) {
        if (hook instanceof ConnectHook asked) {
            add(all, Stage.CONNECT, sample, left -> asked.onConnect(sessionOf(sample, left)));
        }
        if (hook instanceof HeloHook asked) {
            add(all, Stage.HELO, sample, left -> asked.onHelo(sessionOf(sample, left)));
        }
        if (hook instanceof Authenticator asked) {
            add(
                    all,
                    Stage.AUTH,
                    sample,
                    left -> asked.authenticate(
                            sessionOf(sample, left), new Authenticator.Credentials.Password("nobody", "wrong")));
            add(
                    all,
                    Stage.AUTH,
                    sample,
                    left -> asked.authenticate(
                            sessionOf(sample, left), new Authenticator.Credentials.Bearer("nobody", "wrong")));
        }
        if (hook instanceof Authenticator.ScramKeys asked) {
            add(all, Stage.AUTH, sample, left -> asked.scramKeys("nobody"));
        }
    }

    private FakeSession sessionOf(Sample sample, List<Supplier<String>> left) {
        FakeSession session = sample.session(needs());
        left.add(() -> session.withdrawn().isEmpty() ? "" : "withdrawn " + session.withdrawn());
        return session;
    }

    private void envelope(Sample sample, List<Question> all) {
        if (hook instanceof MailHook asked) {
            add(all, Stage.MAIL, sample, left -> {
                FakeTransaction tx = transaction(sample, Stage.MAIL, left);
                return asked.onMail(tx, tx.sender());
            });
        }
        if (hook instanceof RcptHook asked) {
            for (Recipient recipient : sample.at(Stage.RCPT, needs()).recipients()) {
                add(all, Stage.RCPT, sample, left -> asked.onRcpt(transaction(sample, Stage.RCPT, left), recipient));
            }
        }
    }

    private void message(Sample sample, List<Question> all) {
        if (hook instanceof DataHook asked) {
            add(all, Stage.DATA, sample, left -> {
                FakeTransaction tx = transaction(sample, Stage.DATA, left);
                return asked.onHeaders(tx, tx.headers());
            });
            add(all, Stage.DATA, sample, left -> {
                FakeTransaction tx = transaction(sample, Stage.DATA, left);
                return asked.onMessage(tx, tx.message());
            });
        }
        if (hook instanceof QueueHook asked) {
            add(all, Stage.QUEUE, sample, left -> {
                FakeTransaction tx = transaction(sample, Stage.QUEUE, left);
                return asked.onQueue(tx, tx.message());
            });
        }
    }

    private FakeTransaction transaction(Sample sample, Stage stage, List<Supplier<String>> left) {
        FakeTransaction tx = sample.at(stage, needs());
        left.add(() -> tx.edits().isEmpty() ? "" : "edits " + tx.edits());
        left.add(() -> tx.scores().size() == 1 ? "" : "scores " + tx.scores());
        left.add(() -> tx.recorded().isEmpty() ? "" : "results " + tx.recorded());
        return tx;
    }

    private void deliver(Sample sample, List<Question> all) {
        if (hook instanceof DeliverHook asked) {
            add(all, Stage.DELIVER, sample, left -> asked.beforeAttempt(attemptOf(sample, left)));
            add(all, Stage.DELIVER, sample, left -> asked.onConnected(attemptOf(sample, left)));
            add(
                    all,
                    Stage.DELIVER,
                    sample,
                    left -> asked.onReply(attemptOf(sample, left), new Reply(450, "4.2.0", "later")));
        }
    }

    private FakeAttempt attemptOf(Sample sample, List<Supplier<String>> left) {
        FakeAttempt attempt = sample.attempt(needs());
        left.add(() -> attempt.edits().isEmpty() ? "" : "edits " + attempt.edits());
        return attempt;
    }
}
