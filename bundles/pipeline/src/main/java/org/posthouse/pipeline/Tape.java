// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.pipeline.spi.Replays.Recorded;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One transaction while it is recorded. */
final class Tape implements HookScope.Noting {
    /** A longer body is not recorded. */
    static final int MOST_BODY = 1_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(Tape.class);
    private static final int MOST_ANSWERS = 500;
    private static final int MOST_RECIPIENTS = 10_000;

    private final String recording;
    private final SessionState session;
    private final String id;
    private final Sender sender;
    private final boolean bodies;
    private final List<Recipient> recipients = new ArrayList<>();
    private final Map<String, String> verdicts = new LinkedHashMap<>();
    private final Map<String, String> dns = new ConcurrentHashMap<>();
    private String head = "";
    private byte @Nullable [] body;

    Tape(String recording, SessionState session, String id, Sender sender, boolean bodies) {
        this.recording = recording;
        this.session = session;
        this.id = id;
        this.sender = sender;
        this.bodies = bodies;
        dns.putAll(session.heard());
    }

    /** The recording it belongs to. */
    String recording() {
        return recording;
    }

    /** What a hook was told; only what it asked on its own thread is heard here. */
    @Override
    public void answered(String service, String question, String answer) {
        if (service.equals("dns") && dns.size() < MOST_ANSWERS) {
            dns.putIfAbsent(question, answer);
        }
    }

    void mail(Decision decision) {
        verdicts.put("mail", text(decision));
    }

    void rcpt(Recipient recipient, Decision decision) {
        if (recipients.size() < MOST_RECIPIENTS) {
            recipients.add(recipient);
            verdicts.put(key(recipient), text(decision));
        }
    }

    /** The name of the verdict on a recipient. */
    static String key(Recipient recipient) {
        return "rcpt " + recipient.address();
    }

    /** The header block came in. */
    void head(String block) {
        head = block;
    }

    /** The octets came in. */
    void body(Body octets) {
        head(octets.head().text());
        long size = octets.octets().size() - octets.ref().bodyOffset();
        if (!bodies || size > MOST_BODY) {
            return;
        }
        try (InputStream in = octets.octets().open()) {
            in.skipNBytes(octets.ref().bodyOffset());
            body = in.readNBytes((int) size);
        } catch (IOException e) {
            LOG.warn("The body of {} could not be recorded", id, e);
        }
    }

    void message(Decision decision) {
        verdicts.put("message", text(decision));
    }

    /** A decision in the words of recordings. */
    static String text(Decision decision) {
        return switch (decision.action()) {
            case PROCEED -> "accept";
            case HOLD -> "hold";
            case DISCARD -> "discard";
            case REFUSE, DISCONNECT -> String.valueOf(decision.reply());
        };
    }

    @SuppressWarnings("NullAway") // It does not see that the component of the record may be null.
    Recorded recorded() {
        return new Recorded(
                id,
                session.facts(),
                session.helo(),
                session.extended(),
                session.peer().tls(),
                session.peer().user(),
                sender,
                recipients,
                head,
                body,
                dns,
                verdicts);
    }
}
