// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.spi.Shadows;

/** A hook in shadow mode, and one that is served by two generations. */
public final class FakeShadows implements Shadows {
    private static final Instant SINCE = Instant.parse("2026-11-25T08:00:00Z");

    private final List<Report> reports = new ArrayList<>(List.of(
            new Report(
                    "greylist",
                    "greylist",
                    "1@5e6f7a8b",
                    "shadow",
                    SINCE,
                    10_000,
                    2,
                    310.4,
                    List.of(
                            new Line(Stage.RCPT, "continue", false, "example.org", 6200),
                            new Line(Stage.RCPT, "defer", false, "<evil>.example", 2400),
                            new Line(Stage.RCPT, "defer", true, "other", 1400)),
                    List.of(new Sample(
                            SINCE.plusSeconds(60),
                            FakeTraces.ID,
                            "01HF7YAT00SESSION",
                            Stage.RCPT,
                            "a@<evil>.example",
                            "b@example.net",
                            "defer",
                            "first seen",
                            List.of("tag new"),
                            Map.of("NEW", 1.0)))),
            canary("3@1a2b3c4d", 950, 12.5),
            canary("4@99887766", 50, 14.1)));

    private static Report canary(String generation, long asked, double mean) {
        return new Report(
                "block-sender",
                "block-sender",
                generation,
                "canary",
                SINCE,
                asked,
                0,
                mean,
                List.of(new Line(Stage.MAIL, "reject", false, "example.com", asked / 10)),
                List.of());
    }

    @Override
    public synchronized List<Report> reports() {
        return List.copyOf(reports);
    }

    @Override
    public synchronized boolean reset(String hook) {
        return reports.removeIf(report -> report.hook().equals(hook));
    }
}
