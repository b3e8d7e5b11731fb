// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.posthouse.pipeline.spi.Replays;
import org.posthouse.pipeline.spi.Replays.Recorded;

/** What the API shows of replays. */
final class ReplayView {
    /** In the order of the session; {@code connect} and {@code helo} are there when the session ended with them. */
    private static final Comparator<String> SESSION_ORDER =
            Comparator.<String>comparingInt(ReplayView::rank).thenComparing(Comparator.naturalOrder());

    private ReplayView() {}

    private static int rank(String key) {
        int stage = List.of("connect", "helo", "mail", "rcpt", "message").indexOf(key.split(" ", 2)[0]);
        return stage < 0 ? Integer.MAX_VALUE : stage;
    }

    private static Map<String, String> sorted(Map<String, String> verdicts) {
        Map<String, String> sorted = new TreeMap<>(SESSION_ORDER);
        sorted.putAll(verdicts);
        return sorted;
    }

    /**
     * What a replay came to.
     *
     * @param compared whether there was something to compare with
     * @param judged how many transactions were judged
     * @param different how many of them otherwise than before
     * @param more whether the recording may have more behind these
     */
    record Report(boolean compared, int judged, int different, boolean more, List<Outcome> outcomes) {
        static Report alone(Recorded message, List<Replays.Outcome> outcomes) {
            return new Report(
                    false,
                    outcomes.size(),
                    0,
                    false,
                    outcomes.stream()
                            .map(outcome -> Outcome.of(message, outcome, true, true))
                            .toList());
        }

        static Report compared(List<Recorded> before, List<Replays.Outcome> after, boolean allSteps, boolean more) {
            List<Outcome> outcomes = new ArrayList<>();
            for (int i = 0; i < after.size(); i++) {
                boolean same = after.get(i).same();
                outcomes.add(Outcome.of(before.get(i), after.get(i), same, allSteps || !same));
            }
            int different = (int) after.stream().filter(o -> !o.same()).count();
            return new Report(true, after.size(), different, more, outcomes);
        }
    }

    /** How one transaction was judged before and now; the steps where they are of interest. */
    record Outcome(
            String id,
            boolean same,
            String sender,
            List<String> recipients,
            Map<String, String> before,
            Map<String, String> now,
            List<TraceView.Step> steps) {
        static Outcome of(Recorded recorded, Replays.Outcome outcome, boolean same, boolean steps) {
            return new Outcome(
                    recorded.id(),
                    same,
                    recorded.sender().address().toString(),
                    recorded.recipients().stream()
                            .map(recipient -> recipient.address().toString())
                            .toList(),
                    sorted(recorded.verdicts()),
                    sorted(outcome.verdicts()),
                    steps ? outcome.steps().stream().map(TraceView.Step::of).toList() : List.of());
        }
    }

    /** What is being recorded. */
    record Recording(boolean running, String name, int percent, boolean bodies, int count) {
        static Recording of(Replays.Recording recording) {
            return new Recording(
                    !recording.name().isEmpty(),
                    recording.name(),
                    recording.percent(),
                    recording.bodies(),
                    recording.most());
        }
    }
}
