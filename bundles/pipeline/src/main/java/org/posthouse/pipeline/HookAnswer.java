// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Reply;

/**
 * What one hook said once, for the trace.
 *
 * @param stage the stage
 * @param about what was judged where a stage is asked more than once, or empty
 * @param hook the hook
 * @param generation plugin and generation
 * @param terms what the operator says of the hook
 * @param answer the kind of verdict, or {@code failed: } and the kind of failure
 * @param reply what the client was to be told, or empty
 * @param reason why, as the hook said
 * @param nanos how long it took
 * @param edits what it changed, one readable line each
 * @param scores what it added to scores
 * @param results the results it recorded, as {@code method=value}
 */
record HookAnswer(
        org.posthouse.api.Stage stage,
        String about,
        String hook,
        Generation generation,
        Terms terms,
        String answer,
        String reply,
        String reason,
        long nanos,
        List<String> edits,
        Map<String, Double> scores,
        List<String> results) {
    /** An answer that changes nothing. */
    static HookAnswer plain(Place place, String answer, String reason, long nanos) {
        return new HookAnswer(
                place.spec().stage(),
                "",
                place.name(),
                place.generation(),
                place.terms(),
                answer,
                "",
                reason,
                nanos,
                List.of(),
                Map.of(),
                List.of());
    }

    /** An answer with all that the hook staged. */
    static HookAnswer given(
            Place place,
            Overlay overlay,
            String about,
            String answer,
            @Nullable Reply reply,
            String reason,
            long nanos) {
        return new HookAnswer(
                place.spec().stage(),
                about,
                place.name(),
                place.generation(),
                place.terms(),
                answer,
                reply == null ? "" : reply.toString(),
                reason,
                nanos,
                EditLines.of(overlay.edits()),
                overlay.scores().isEmpty() ? Map.of() : Map.copyOf(overlay.scores()),
                EditLines.results(overlay.results()));
    }

    /** No answer. */
    static HookAnswer failed(Place place, Failure kind, String about, String detail, long nanos) {
        return new HookAnswer(
                place.spec().stage(),
                about,
                place.name(),
                place.generation(),
                place.terms(),
                "failed: " + kind.word(),
                "",
                detail,
                nanos,
                List.of(),
                Map.of(),
                List.of());
    }

    /** Whether it does not count. */
    boolean shadow() {
        return terms.shadow();
    }

    /** Whether another generation of the hook judges other sessions. */
    boolean canary() {
        return canary(terms);
    }

    /** Whether these are the terms of one of two generations. */
    static boolean canary(Terms terms) {
        return terms.from() > 0 || terms.to() < 100;
    }
}
