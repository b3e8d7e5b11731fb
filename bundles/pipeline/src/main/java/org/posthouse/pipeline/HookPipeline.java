// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.io.IOException;
import java.util.List;
import org.posthouse.api.Reply;
import org.posthouse.api.Route;
import org.posthouse.pipeline.spi.AttemptStage;
import org.posthouse.pipeline.spi.Conversation;
import org.posthouse.pipeline.spi.Decision;
import org.posthouse.pipeline.spi.Pipeline;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.spool.spi.Spool;

/** The stages, asked of the hooks that plugins bring. */
public final class HookPipeline implements Pipeline {
    private static final Reply UNREADABLE = new Reply(451, "4.3.0", "Temporary failure, try again later");

    private final Engine engine;

    public HookPipeline(Engine engine) {
        this.engine = engine;
    }

    @Override
    public Conversation open(Facts facts) {
        return new HookConversation(engine, new SessionState(engine, facts));
    }

    @Override
    public Sealed judge(Spool.Stored message) {
        Snapshot snapshot = engine.snapshots().hold();
        SessionState session = SessionState.internal(engine, message.envelope().origin());
        try (HookTurn turn = HookTurn.stored(engine, snapshot, session, message.envelope())) {
            return turn.queue();
        } catch (IOException e) {
            String why = "stored message can not be read: " + e.getMessage();
            return new Sealed(new Decision(Decision.Action.REFUSE, UNREADABLE, "", why), List.of());
        } finally {
            session.notes().end(() -> {});
        }
    }

    @Override
    public AttemptStage attempt(Spool.Stored message, Route route, List<Integer> recipients) {
        return new HookAttempt(engine, message, route, recipients);
    }
}
