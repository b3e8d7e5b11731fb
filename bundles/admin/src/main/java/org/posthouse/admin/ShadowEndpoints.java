// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.posthouse.pipeline.spi.Shadows;

/** What hooks in shadow mode would have changed, and how two versions side by side differ. */
final class ShadowEndpoints {
    private final Services services;

    ShadowEndpoints(Services services) {
        this.services = services;
    }

    Response reports(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(new Reports(
                services.shadows().reports().stream().map(Report::of).toList()));
    }

    Response reset(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        Json.read(request, Api.Nothing.class);
        String hook = arguments.getFirst();
        if (!services.shadows().reset(hook)) {
            throw Problem.notFound("Nothing was counted of a hook " + hook);
        }
        return Json.ok(new View.Done(hook, "reset"));
    }

    /** The reports. */
    record Reports(List<Report> reports) {}

    /** A report of one generation of a hook. */
    record Report(
            String hook,
            String plugin,
            String generation,
            String mode,
            String since,
            long asked,
            long failed,
            double meanMicros,
            List<Line> lines,
            List<Sample> samples) {
        static Report of(Shadows.Report report) {
            return new Report(
                    report.hook(),
                    report.plugin(),
                    report.generation(),
                    report.mode(),
                    report.since().toString(),
                    report.asked(),
                    report.failed(),
                    report.meanMicros(),
                    report.lines().stream().map(Line::of).toList(),
                    report.samples().stream().map(Sample::of).toList());
        }
    }

    /** How often one verdict was given for mail of one domain. */
    record Line(String stage, String verdict, boolean edits, String senderDomain, long count) {
        static Line of(Shadows.Line line) {
            return new Line(
                    line.stage().name().toLowerCase(Locale.ROOT),
                    line.verdict(),
                    line.edits(),
                    line.senderDomain(),
                    line.count());
        }
    }

    /** One transaction that would have been judged otherwise. */
    record Sample(
            String at,
            String id,
            String session,
            String stage,
            String sender,
            String about,
            String verdict,
            String reason,
            List<String> edits,
            Map<String, Double> scores) {
        static Sample of(Shadows.Sample sample) {
            return new Sample(
                    sample.at().toString(),
                    sample.id(),
                    sample.session(),
                    sample.stage().name().toLowerCase(Locale.ROOT),
                    sample.sender(),
                    sample.about(),
                    sample.verdict(),
                    sample.reason(),
                    sample.edits(),
                    new TreeMap<>(sample.scores()));
        }
    }
}
