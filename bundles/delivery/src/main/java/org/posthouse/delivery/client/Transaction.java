// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Reply;

/** One mail transaction (RFC 5321 3.3) or its LMTP sister (RFC 2033): envelope, body, replies. */
public final class Transaction {
    /** Commands that wait for replies at most: their replies must fit the socket buffers of both sides (RFC 2920 3.1). */
    private static final int GROUP = 100;

    private static final int RSET = -1;
    private static final int MAIL = -2;
    private static final int DATA = -3;

    private final Link link;
    private final Shipment shipment;
    private final Requirements needs;
    private final @Nullable Reply[] decided;
    private final boolean[] local;
    private final boolean[] accepted;
    private final boolean[] crowded;
    private final Deque<Integer> pending = new ArrayDeque<>();
    private @Nullable Reply mailRefusal;
    private @Nullable Response dataReply;
    private boolean heard;
    private boolean withdrawn;

    public Transaction(Link link, Shipment shipment) {
        int n = shipment.recipients().size();
        this.link = link;
        this.shipment = shipment;
        this.needs = new Requirements(link, shipment);
        this.decided = new Reply[n];
        this.local = new boolean[n];
        this.accepted = new boolean[n];
        this.crowded = new boolean[n];
    }

    /**
     * Carries the shipment; the connection is closed afterwards if it can not be used any more.
     *
     * @throws StaleLink when the connection turned out to be closed before anything was said
     * @throws DamagedContent when the message could not be read; nothing was handed over
     */
    public Receipt run() throws StaleLink, DamagedContent {
        boolean reused = link.mayBeStale();
        link.countTransaction();
        try {
            if (permitted()) {
                envelope();
                body();
            }
        } catch (DamagedContent e) {
            link.drop();
            throw e;
        } catch (IOException e) {
            link.drop();
            if (reused && !heard) {
                throw new StaleLink(e);
            }
            decideRest(Troubles.lost(e, stage()));
        } catch (RuntimeException e) {
            link.drop();
            throw e;
        }
        if (!link.isOpen() && reused && !heard) {
            throw new StaleLink(null);
        }
        return receipt();
    }

    /** What must fail here fails before a word is said. */
    private boolean permitted() throws IOException {
        Reply refusal = needs.refusal();
        if (refusal != null) {
            heard = true;
            Arrays.fill(local, true);
            decideRest(refusal);
            return false;
        }
        for (int i = 0; i < decided.length; i++) {
            if (needs.commands().path(shipment.recipients().get(i).address()).isEmpty()) {
                decided[i] = Requirements.NEEDS_UTF8;
                local[i] = true;
            }
        }
        heard |= undecided() == 0;
        return undecided() > 0;
    }

    private int undecided() {
        return (int) Arrays.stream(decided).filter(r -> r == null).count();
    }

    private void envelope() throws IOException {
        if (link.needsReset()) {
            say("RSET", RSET);
        }
        link.needsReset(true);
        say(needs.commands().mail(needs.sevenBit()), MAIL);
        for (int i = 0; i < decided.length && usable(); i++) {
            if (decided[i] == null) {
                say(needs.commands().rcpt(shipment.recipients().get(i)), i);
            }
        }
        if (!needs.chunked() && usable() && (pipelining() && !pending.isEmpty() || anyAccepted())) {
            say("DATA", DATA);
        }
        listen();
    }

    private boolean usable() {
        return link.isOpen() && mailRefusal == null;
    }

    private boolean pipelining() {
        return link.extensions().pipelining();
    }

    private void say(String command, int what) throws IOException {
        link.wire().command(command);
        pending.add(what);
        if (!pipelining() || pending.size() >= GROUP) {
            listen();
        }
    }

    private void listen() throws IOException {
        link.wire().flush();
        while (!pending.isEmpty() && link.isOpen()) {
            int what = pending.remove();
            Response response = link.replies()
                    .read(
                            what == DATA
                                    ? link.timeouts().dataStart()
                                    : link.timeouts().command());
            if (response.code() == 421) {
                // RFC 5321 3.8: the service is going away; what was not decided yet is not refused, only not taken.
                link.drop();
                decideRest(response.reply());
            } else {
                // What is said to RSET is not said of this message: whoever leaves then is asked again on a new
                // connection.
                heard |= what != RSET;
                hear(what, response);
            }
        }
    }

    private void hear(int what, Response response) throws IOException {
        switch (what) {
            case RSET -> reset(response);
            case MAIL -> mailRefusal = response.positive() ? null : refusal(response);
            case DATA -> dataReply = response;
            default -> rcpt(what, response);
        }
    }

    /** RFC 5321 4.1.1.5 knows no refusal; after one nobody can tell what is left of the transaction before. */
    private void reset(Response response) {
        if (!response.positive()) {
            link.drop();
            decideRest(new Reply(451, "4.5.0", "Protocol error: RSET refused: " + response.reply()));
        }
    }

    private void rcpt(int index, Response response) throws IOException {
        if (response.positive()) {
            accepted[index] = true;
        } else if (mailRefusal == null) {
            Reply reply = refusal(response);
            crowded[index] = Troubles.tooManyRecipients(reply);
            decided[index] = crowded[index] ? Troubles.tooMany(reply) : reply;
        }
    }

    /** A reply that refuses; a 3yz where none belongs is no refusal but confusion. */
    private static Reply refusal(Response response) throws NotSmtp {
        if (response.code() / 100 == 3) {
            throw new NotSmtp("reply out of place: " + response.reply());
        }
        return response.reply();
    }

    private void body() throws IOException {
        if (!link.isOpen()) {
            return;
        }
        if (mailRefusal != null) {
            decideRest(mailRefusal);
            Arrays.fill(accepted, false);
        }
        boolean go = dataReply != null && dataReply.code() == 354;
        if (!anyAccepted()) {
            if (go) {
                emptyBody();
            }
        } else if (needs.chunked()) {
            chunks();
        } else if (go) {
            data();
        } else {
            decideRest(refused(dataReply));
        }
    }

    private static Reply refused(@Nullable Response response) throws NotSmtp {
        if (response == null || response.positive()) {
            throw new NotSmtp("DATA was not answered by 354");
        }
        return refusal(response);
    }

    private boolean anyAccepted() {
        for (boolean one : accepted) {
            if (one) {
                return true;
            }
        }
        return false;
    }

    /** RFC 2920 3.1: a server that takes DATA without recipients gets an empty message, which it refuses. */
    private void emptyBody() throws IOException {
        link.wire().command(".");
        link.wire().flush();
        link.replies().read(link.timeouts().dataEnd());
        link.needsReset(false);
    }

    private void data() throws IOException {
        OctetSink stuffer = new Stuffer(link.wire(), true);
        needs.stream(stuffer, link.wire());
        if (shipment.intent().asksOthers()) {
            link.wire().flush();
        }
        if (!intend()) {
            return;
        }
        link.wire().command(".");
        link.wire().flush();
        finish();
    }

    private void chunks() throws IOException {
        Chunks chunks = new Chunks(link);
        needs.stream(needs.binary() ? new Unchanged(chunks) : new Stuffer(chunks, false), link.wire());
        if (shipment.intent().asksOthers()) {
            chunks.flush();
        }
        if (chunks.refusal() == null && !intend()) {
            return;
        }
        chunks.last();
        Response refusal = chunks.refusal();
        if (refusal == null) {
            finish();
            return;
        }
        if (chunks.lastSent()) {
            link.drop();
        }
        decideRest(refusal(refusal));
    }

    private boolean intend() {
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < accepted.length; i++) {
            if (accepted[i]) {
                positions.add(i);
            }
        }
        if (shipment.intent().record(positions)) {
            return true;
        }
        withdrawn = true;
        link.drop();
        return false;
    }

    /** RFC 5321 4.2.5 for SMTP; RFC 2033 4.2 for LMTP: one reply for each accepted recipient, in order. */
    private void finish() throws IOException {
        Reply reply = null;
        for (int i = 0; i < accepted.length; i++) {
            if (accepted[i]) {
                if (reply == null || link.lmtp()) {
                    Response response = link.replies().read(link.timeouts().dataEnd());
                    reply = refusal(response);
                }
                decided[i] = reply;
            }
        }
        link.needsReset(false);
        if (reply != null && reply.code() == 421) {
            link.drop();
        }
    }

    private void decideRest(Reply reply) {
        for (int i = 0; i < decided.length; i++) {
            if (decided[i] == null) {
                decided[i] = reply;
            }
        }
    }

    private String stage() {
        return dataReply == null ? "in the envelope" : "after DATA";
    }

    private Receipt receipt() {
        List<Receipt.Line> lines = new ArrayList<>(decided.length);
        for (int i = 0; i < decided.length; i++) {
            Reply reply = decided[i];
            boolean said = reply != null && !local[i];
            lines.add(new Receipt.Line(
                    reply == null ? Troubles.WITHDRAWN : reply,
                    said,
                    link.extensions().dsn(),
                    crowded[i] && anyAccepted()));
        }
        return new Receipt(lines, withdrawn);
    }
}
