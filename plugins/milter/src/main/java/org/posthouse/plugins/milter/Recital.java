// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;

/** Tells a milter one step, or a whole message, with the facts of one question of the server. */
final class Recital {
    /** The most that Sendmail's library takes at once. */
    private static final int CHUNK = 65_535;

    private static final byte[] NOTHING = {};

    private final Milter milter;
    private final Dialogue dialogue;
    private final Facts facts;
    private final Deadline deadline;
    private boolean finished;

    Recital(Milter milter, Dialogue dialogue, Facts facts, Deadline deadline) {
        this.milter = milter;
        this.dialogue = dialogue;
        this.facts = facts;
        this.deadline = deadline;
    }

    /** Tells a step before the content. */
    Answer command(Step step, byte[] data) throws MilterException {
        return tell(step, data, milter.terms().command());
    }

    /**
     * Tells a message from DATA to its end, and lets the milter change it there.
     *
     * @return the last answer, at whichever step it came
     * @throws IOException when the message can not be read or written; {@link MilterException} when the milter fails
     */
    Answer message(Revision revision) throws IOException {
        Answer answer = content(Step.DATA, NOTHING);
        if (answer instanceof Answer.Continue) {
            answer = headers(revision);
        }
        if (answer instanceof Answer.Continue) {
            answer = content(Step.END_OF_HEADERS, NOTHING);
        }
        if (answer instanceof Answer.Continue) {
            answer = body(revision);
        }
        return answer instanceof Answer.Continue || answer instanceof Answer.Skip ? end(revision) : answer;
    }

    /** Whether the milter was told the message to its end, and answered. */
    boolean finished() {
        return finished;
    }

    private Answer headers(Revision revision) throws MilterException {
        if (!dialogue.options().tells(Step.HEADER)) {
            return new Answer.Continue();
        }
        boolean spaced = dialogue.options().has(Options.LEADING_SPACE);
        for (HeaderSheet.Field field : revision.fields()) {
            boolean cut = !spaced && field.text().startsWith(" ");
            String value = cut ? field.text().substring(1) : field.text();
            byte[] data = new Dialogue.Text().raw(field.name()).raw(value).octets();
            Answer answer = content(Step.HEADER, data);
            if (!(answer instanceof Answer.Continue)) {
                return answer;
            }
        }
        return new Answer.Continue();
    }

    private Answer body(Revision revision) throws IOException {
        if (!dialogue.options().tells(Step.BODY)) {
            return new Answer.Continue();
        }
        try (InputStream in = revision.body()) {
            for (byte[] chunk = in.readNBytes(CHUNK); chunk.length > 0; chunk = in.readNBytes(CHUNK)) {
                Answer answer = content(Step.BODY, chunk);
                if (!(answer instanceof Answer.Continue)) {
                    return answer;
                }
            }
        }
        return new Answer.Continue();
    }

    private Answer end(Revision revision) throws IOException {
        boolean spaced = dialogue.options().has(Options.LEADING_SPACE);
        Duration timeout = milter.terms().content();
        Answer answer = dialogue.tell(saying(Step.END_OF_MESSAGE, NOTHING), timeout, deadline, change -> {
            milter.changed(change);
            revision.make(change, spaced);
        });
        milter.said(Step.END_OF_MESSAGE, answer);
        finished = true;
        return answer;
    }

    private Answer content(Step step, byte[] data) throws MilterException {
        return tell(step, data, milter.terms().content());
    }

    private Answer tell(Step step, byte[] data, Duration timeout) throws MilterException {
        Answer answer = dialogue.tell(saying(step, data), timeout, deadline);
        milter.said(step, answer);
        return answer;
    }

    private Dialogue.Saying saying(Step step, byte[] data) {
        List<String> macros = step.macroStage() == Step.NO_MACROS
                ? List.of()
                : facts.macros(dialogue.options().macros(step));
        return new Dialogue.Saying(step, macros, data);
    }
}
