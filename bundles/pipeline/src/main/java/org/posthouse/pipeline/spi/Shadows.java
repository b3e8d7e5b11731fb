// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.posthouse.api.Stage;

/** What hooks in shadow mode would have changed, and how two versions side by side differ. */
public interface Shadows {
    /** A report for each hook that is or was in shadow mode, or is served by two generations, since the last reset. */
    List<Report> reports();

    /** Forgets what was counted of a hook; whether there was anything. */
    boolean reset(String hook);

    /**
     * What a hook would have changed, or what one of two generations did.
     *
     * @param hook the hook
     * @param plugin its plugin
     * @param generation the generation that answered
     * @param mode {@code shadow} or {@code canary}
     * @param since when counting began
     * @param asked how often it was asked
     * @param failed how often it failed
     * @param meanMicros mean time of an answer
     * @param lines the counts by stage, verdict and sender domain, most frequent first; the rest under domain {@code other}
     * @param samples some of the transactions, newest first
     */
    record Report(
            String hook,
            String plugin,
            String generation,
            String mode,
            Instant since,
            long asked,
            long failed,
            double meanMicros,
            List<Line> lines,
            List<Sample> samples) {
        public Report {
            lines = List.copyOf(lines);
            samples = List.copyOf(samples);
        }
    }

    /** How often one verdict, with or without edits, was given for mail of one sender domain. */
    record Line(Stage stage, String verdict, boolean edits, String senderDomain, long count) {}

    /** One transaction that would have been judged otherwise. */
    record Sample(
            Instant at,
            String id,
            String session,
            Stage stage,
            String sender,
            String about,
            String verdict,
            String reason,
            List<String> edits,
            Map<String, Double> scores) {
        public Sample {
            edits = List.copyOf(edits);
            scores = Map.copyOf(scores);
        }
    }
}
