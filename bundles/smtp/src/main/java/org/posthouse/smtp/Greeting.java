// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Decision;

/** Banner, HELO and EHLO. */
final class Greeting {
    private static final int NAME_LIMIT = 255;

    private final String hostname;
    private final Journal journal;

    Greeting(String hostname, Journal journal) {
        this.hostname = hostname;
        this.journal = journal;
    }

    /** Asks the connect hooks and says the banner. */
    Answer banner(Dialogue dialogue) {
        Decision decision = dialogue.conversation().connect();
        if (decision.refuses()) {
            // RFC 5321 3.1: a server that refuses says 554 (or 421) instead of 220 and waits for QUIT; nobody does.
            return Verdicts.refusal(journal, dialogue, Stage.CONNECT, decision, "")
                    .thenClose();
        }
        String text = dialogue.settings().banner();
        return Answer.lines(220, List.of(hostname + " ESMTP" + (text.isEmpty() ? "" : " " + text)));
    }

    Answer helo(Dialogue dialogue, @Nullable String argument) {
        return hello(dialogue, argument, false);
    }

    Answer ehlo(Dialogue dialogue, @Nullable String argument) {
        return hello(dialogue, argument, true);
    }

    private Answer hello(Dialogue dialogue, @Nullable String argument, boolean extended) {
        // RFC 5321 4.1.4: a refused EHLO leaves everything as it was.
        if (argument == null || argument.isEmpty()) {
            return Answer.of(501, "5.5.4", "Who are you?");
        }
        if (argument.length() > NAME_LIMIT || !argument.chars().allMatch(c -> c > ' ' && c < 127)) {
            return Answer.of(501, "5.5.2", "Not a name");
        }
        Decision decision = dialogue.conversation().helo(argument, extended);
        if (decision.refuses()) {
            return Verdicts.refusal(journal, dialogue, Stage.HELO, decision, argument);
        }
        dialogue.reset();
        dialogue.greeted(argument, extended);
        return extended ? Answer.lines(250, extensions(dialogue)) : Answer.lines(250, List.of(hostname));
    }

    private List<String> extensions(Dialogue dialogue) {
        List<String> all = new ArrayList<>();
        all.add(hostname);
        ListenerSettings settings = dialogue.settings();
        offer(dialogue, all, "PIPELINING", "");
        offer(dialogue, all, "SIZE", Long.toString(settings.limits().messageSize()));
        offer(dialogue, all, "8BITMIME", "");
        offer(dialogue, all, "ENHANCEDSTATUSCODES", "");
        offer(dialogue, all, "CHUNKING", "");
        offer(dialogue, all, "SMTPUTF8", "");
        offer(dialogue, all, "DSN", "");
        if (settings.tls() == ListenerSettings.Tls.STARTTLS && dialogue.tls().isEmpty()) {
            offer(dialogue, all, "STARTTLS", "");
        }
        String mechanisms = Authentication.offer(dialogue);
        if (!mechanisms.isEmpty()) {
            all.add("AUTH " + mechanisms);
        }
        return all;
    }

    private static void offer(Dialogue dialogue, List<String> all, String extension, String value) {
        if (dialogue.offers(extension)) {
            all.add(value.isEmpty() ? extension : extension + " " + value);
        }
    }
}
