// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.posthouse.api.Stage.DATA;
import static org.posthouse.api.Stage.QUEUE;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.QueueHook;
import org.posthouse.pipeline.spi.Turn;

/** What a hook does not declare it is not given, and the attempt is a failure that is told. */
@Timeout(60)
final class NeedsTest {
    private static final String MESSAGE = "Subject: one\r\n\r\nbody\r\n";
    private static final Address OTHER = Address.of("other@example.net");

    private final Bench bench = new Bench();

    /** Something that a hook tries. */
    @FunctionalInterface
    private interface Attempt {
        void on(Transaction tx, Message message) throws Exception;
    }

    private static Map<Need, List<Attempt>> attempts() {
        Map<Need, List<Attempt>> all = new LinkedHashMap<>();
        all.put(Need.BODY, List.of((tx, m) -> m.received(), (tx, m) -> m.current()));
        all.put(
                Need.EDIT_HEADERS,
                List.of(
                        (tx, m) -> tx.edit(Edit.addHeader("X-A", "1")),
                        (tx, m) -> tx.edit(new Edit.ChangeHeader("Subject", 1, "two")),
                        (tx, m) -> tx.edit(new Edit.RemoveHeader("Subject", 1))));
        all.put(Need.EDIT_BODY, List.of((tx, m) -> tx.newBody()));
        all.put(Need.EDIT_SENDER, List.of((tx, m) -> tx.edit(new Edit.ChangeSender(OTHER))));
        all.put(
                Need.EDIT_RECIPIENTS,
                List.of(
                        (tx, m) -> tx.edit(new Edit.AddRecipient(Recipient.of(OTHER))),
                        (tx, m) -> tx.edit(new Edit.RemoveRecipient(OTHER)),
                        (tx, m) -> tx.edit(new Edit.ReplaceRecipient(OTHER, List.of(OTHER)))));
        all.put(
                Need.EDIT_ROUTING,
                List.of(
                        (tx, m) -> tx.edit(new Edit.Zone("z")),
                        (tx, m) -> tx.edit(new Edit.Tenant("t")),
                        (tx, m) -> tx.edit(new Edit.Priority(1)),
                        (tx, m) -> tx.edit(new Edit.Due(Instant.EPOCH)),
                        (tx, m) -> tx.edit(new Edit.Tag("t"))));
        return all;
    }

    /** How the failures of one transaction are told. */
    private List<Object> told(Attempt attempt, boolean swallow, Need... needs) throws Exception {
        bench.clear();
        bench.events.clear();
        bench.hook(
                DATA,
                "a",
                (DataHook) (tx, m) -> {
                    try {
                        attempt.on(tx, m);
                    } catch (Exception e) {
                        if (!swallow || !(e instanceof SecurityException)) {
                            throw new IllegalArgumentException(e);
                        }
                    }
                    return Verdict.next();
                },
                needs);
        try (Turn turn = bench.transaction("b@example.net")) {
            int code = Optional.ofNullable(bench.message(turn, MESSAGE).reply())
                    .map(reply -> reply.code())
                    .orElse(0);
            List<Object> kinds = new ArrayList<>();
            bench.events.forEach(e -> kinds.add(String.valueOf(e.facts().get("kind"))));
            assertEquals(kinds.isEmpty() ? 0 : 451, code);
            return kinds;
        }
    }

    @Test
    void everyAttemptWithoutItsDeclarationIsRefusedAndTold() throws Exception {
        for (Map.Entry<Need, List<Attempt>> entry : attempts().entrySet()) {
            for (Attempt attempt : entry.getValue()) {
                assertEquals(List.of("illegal verdict"), told(attempt, true), "swallowed: " + entry.getKey());
                assertEquals(1, told(attempt, false).size(), "thrown: " + entry.getKey());
            }
        }
    }

    @Test
    void everyAttemptWithItsDeclarationIsTaken() throws Exception {
        for (Map.Entry<Need, List<Attempt>> entry : attempts().entrySet()) {
            for (Attempt attempt : entry.getValue()) {
                assertEquals(
                        List.of(),
                        told(attempt, false, entry.getKey()),
                        entry.getKey().name());
            }
        }
    }

    @Test
    void aSplitNeedsWhatItsEditsNeed() throws Exception {
        Edit.Split split =
                new Edit.Split(List.of(Address.of("b@example.net")), Optional.of(OTHER), List.of(new Edit.Zone("z")));
        List<List<Need>> tries = List.of(
                List.of(Need.EDIT_RECIPIENTS),
                List.of(Need.EDIT_RECIPIENTS, Need.EDIT_SENDER),
                List.of(Need.EDIT_SENDER, Need.EDIT_ROUTING),
                List.of(Need.EDIT_RECIPIENTS, Need.EDIT_SENDER, Need.EDIT_ROUTING));
        List<Boolean> refused = new ArrayList<>();
        for (List<Need> needs : tries) {
            bench.clear();
            bench.hook(
                    QUEUE,
                    "a",
                    (QueueHook) (tx, m) -> {
                        tx.edit(split);
                        return Verdict.next();
                    },
                    needs.toArray(Need[]::new));
            try (Turn turn = bench.transaction("b@example.net", "c@example.net")) {
                bench.message(turn, MESSAGE);
                refused.add(turn.queue().decision().refuses());
            }
        }
        assertEquals(List.of(true, true, true, false), refused);
    }

    @Test
    void onlySessionsOfItsBucketsAskAGeneration() {
        int[] counts = new int[100];
        for (int i = 0; i < 100_000; i++) {
            counts[Terms.bucket("S" + i)]++;
        }
        for (int count : counts) {
            assertTrue(count > 800 && count < 1200, "a bucket with " + count + " of 100000 sessions");
        }
        assertEquals(Terms.bucket("S1"), Terms.bucket("S1"));
    }
}
