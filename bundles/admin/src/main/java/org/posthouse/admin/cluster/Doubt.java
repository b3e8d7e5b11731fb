// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.posthouse.config.spi.SharedFiles;
import org.posthouse.config.spi.SharedFiles.Open;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a member does that applied a change and never heard whether it stays: it asks the others. Where one has kept it, it
 * stays; where all answer and none has, or those that answer took it back, who led it never got so far.
 */
final class Doubt {
    /** Longer than a round with all its tries. */
    static final Duration AFTER = Round.PATIENCE.multipliedBy(6);

    private static final Logger LOG = LoggerFactory.getLogger(Doubt.class);

    private final SharedFiles files;
    private final InstantSource clock;

    Doubt(SharedFiles files, InstantSource clock) {
        this.files = files;
        this.clock = clock;
    }

    /** One look. */
    void look(Fleet fleet) {
        Open open = files.standing().open();
        Instant now = clock.instant();
        if (open == null || open.since().plus(AFTER).isAfter(now)) {
            return;
        }
        List<String> others = fleet.names().stream()
                .filter(node -> !node.equals(fleet.self()))
                .toList();
        Map<String, Answer> answers =
                fleet.ask(others, Call.get("/cluster/config").with("node", "self"));
        if (answers.values().stream().anyMatch(answer -> ended(answer, open.id(), true))) {
            settle(fleet, open, "keep", "another member has kept it");
        } else if (answers.values().stream().anyMatch(answer -> ended(answer, open.id(), false))) {
            settle(fleet, open, "back", "another member has taken it back");
        } else if (answers.values().stream().allMatch(Answer::good)) {
            settle(fleet, open, "back", "no member has kept it");
        } else {
            LOG.warn(
                    "Whether the change {} of the configuration stays is not known: not all members answer", open.id());
        }
    }

    private static boolean ended(Answer answer, String id, boolean kept) {
        return answer.json().path("last").path("id").asText("").equals(id)
                && answer.json().path("last").path("kept").asBoolean() == kept;
    }

    private static void settle(Fleet fleet, Open open, String verb, String why) {
        LOG.warn("The change {} of the configuration by {}: {}", open.id(), open.who(), why);
        Answer answer = fleet.ask(
                fleet.self(),
                Call.of("POST", "/cluster/config/" + open.id() + "/" + verb).within(Round.PATIENCE));
        if (!answer.good()) {
            LOG.error("The change {} of the configuration can not be ended: {}", open.id(), answer.why());
        }
    }
}
