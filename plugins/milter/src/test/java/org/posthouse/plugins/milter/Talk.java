// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Note;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;

/** A session with what hooks leave in it, as the server keeps it from stage to stage. */
final class Talk {
    private static final Need[] NEEDS = {
        Need.BODY, Need.PEER, Need.EDIT_HEADERS, Need.EDIT_BODY, Need.EDIT_SENDER, Need.EDIT_RECIPIENTS, Need.NETWORK
    };

    private final Milters plugin;
    private final Map<Note<?>, Object> sessionNotes = new HashMap<>();
    private final Map<Note<?>, Object> notes = new HashMap<>();
    final List<Recipient> recipients = new ArrayList<>();
    private String id = "TX1";
    String tls = "";
    String user = "";
    String listener = "mx";
    Sender sender = Sender.of(Address.of("a@example.org"));
    String[] headers = {"Subject: hello", "X: 1"};
    String body = "one\r\ntwo\r\n";
    private FakeTransaction last = FakeTransaction.at(Stage.DATA).build();

    Talk(Milters plugin) {
        this.plugin = plugin;
    }

    private FakeSession.Builder session(String helo) {
        FakeSession.Builder session =
                FakeSession.with().needs(NEEDS).helo(helo).tls(tls).user(user).listener(listener, "mx");
        sessionNotes.forEach((note, value) -> leave(session, note, value));
        return session;
    }

    @SuppressWarnings("unchecked")
    private static <T> void leave(FakeSession.Builder session, Note<T> note, Object value) {
        session.note(note, (T) value);
    }

    @SuppressWarnings("unchecked")
    private static <T> void leave(FakeTransaction.Builder tx, Note<T> note, Object value) {
        tx.note(note, (T) value);
    }

    private FakeTransaction tx(Stage stage) {
        FakeTransaction.Builder tx = FakeTransaction.at(stage)
                .id(id)
                .needs(NEEDS)
                .in(session("client.example.org"))
                .from(sender)
                .to(recipients)
                .headers(headers)
                .body(body);
        notes.forEach((note, value) -> leave(tx, note, value));
        last = tx.build();
        return last;
    }

    private Verdict kept(Verdict verdict) {
        sessionNotes.putAll(last.fakeSession().notes());
        notes.putAll(last.notes());
        return verdict;
    }

    Verdict connect() {
        FakeSession session = session("").build();
        Verdict verdict = plugin.onConnect(session);
        sessionNotes.putAll(session.notes());
        return verdict;
    }

    Verdict helo() {
        FakeSession session = session("client.example.org").build();
        Verdict verdict = plugin.onHelo(session);
        sessionNotes.putAll(session.notes());
        return verdict;
    }

    Verdict mail() {
        FakeTransaction tx = tx(Stage.MAIL);
        return kept(plugin.onMail(tx, tx.sender()));
    }

    Verdict rcpt(String address) {
        return rcpt(Recipient.of(Address.of(address)));
    }

    Verdict rcpt(Recipient recipient) {
        Verdict verdict = kept(plugin.onRcpt(tx(Stage.RCPT), recipient));
        if (verdict instanceof Verdict.Continue) {
            recipients.add(recipient);
        }
        return verdict;
    }

    Verdict data() throws IOException {
        FakeTransaction tx = tx(Stage.DATA);
        return kept(plugin.onMessage(tx, tx.message()));
    }

    /** From the connection to the end of the message. */
    Verdict whole() throws IOException {
        connect();
        helo();
        mail();
        rcpt("b@example.net");
        return data();
    }

    /** The transaction is over, and another may come. */
    Talk ended(String next) throws Exception {
        for (Object value : notes.values()) {
            ((AutoCloseable) value).close();
        }
        notes.clear();
        recipients.clear();
        id = next;
        return this;
    }

    void over() throws Exception {
        ended("");
        for (Object value : sessionNotes.values()) {
            ((AutoCloseable) value).close();
        }
    }

    List<Edit> edits() {
        return last.edits();
    }
}
