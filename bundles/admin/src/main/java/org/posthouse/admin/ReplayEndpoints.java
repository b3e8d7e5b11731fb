// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Plugins.PluginException;
import org.posthouse.pipeline.spi.Replays.Candidate;
import org.posthouse.pipeline.spi.Replays.Outcome;
import org.posthouse.pipeline.spi.Replays.Recorded;
import org.posthouse.pipeline.spi.Replays.Recording;

/** Transactions that are judged once more, without a trace in the queue, and the recordings they come from. */
final class ReplayEndpoints {
    private static final int AT_ONCE = 100;
    private static final int MOST_AT_ONCE = 500;
    private static final int MOST_RECORDED = 1_000_000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private final Services services;
    private final UploadEndpoints uploads;

    ReplayEndpoints(Services services, UploadEndpoints uploads) {
        this.services = services;
        this.uploads = uploads;
    }

    /** What to replay: a message or a part of a recording, and what to try. */
    record Wanted(
            @JsonProperty("message") @Nullable ReplayMessage message,
            @JsonProperty("recording") @Nullable String recording,
            @JsonProperty("from") @Nullable Integer from,
            @JsonProperty("count") @Nullable Integer count,
            @JsonProperty("candidate") @Nullable Trial candidate) {}

    /** What to try: a plugin with another jar, other settings, or both. */
    record Trial(
            @JsonProperty("plugin") @Nullable String plugin,
            @JsonProperty("jar") @Nullable String jar,
            @JsonProperty("settings") @Nullable String settings) {}

    /** The body of a new recording. */
    record Start(
            @JsonProperty("name") @Nullable String name,
            @JsonProperty("percent") @Nullable Integer percent,
            @JsonProperty("bodies") @Nullable Boolean bodies,
            @JsonProperty("count") @Nullable Integer count) {
        Recording recording() throws Problem {
            return new Recording(
                    named(name),
                    within("percent", percent, 100, 1, 100),
                    bodies != null && bodies,
                    within("count", count, 10_000, 1, MOST_RECORDED));
        }
    }

    Response run(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        Wanted wanted = Json.read(request, Wanted.class);
        Candidate candidate = candidate(wanted.candidate());
        if ((wanted.message() == null) == (wanted.recording() == null)) {
            throw Problem.badRequest("Either 'message' or 'recording' must be given");
        }
        return Json.ok(wanted.message() == null ? recording(wanted, candidate) : message(wanted.message(), candidate));
    }

    private @Nullable Candidate candidate(@Nullable Trial trial) throws Problem {
        if (trial == null) {
            return null;
        }
        if (trial.plugin() == null || (trial.jar() == null && trial.settings() == null)) {
            throw Problem.badRequest("A candidate has a 'plugin', and a 'jar' or 'settings'");
        }
        return new Candidate(trial.plugin(), trial.jar() == null ? null : upload(trial.jar()), trial.settings());
    }

    private Path upload(String id) throws Problem {
        return uploads.file(id);
    }

    /** Nothing was recorded of a message from a file: what the pipeline says as it is stands in for that. */
    private ReplayView.Report message(ReplayMessage message, @Nullable Candidate candidate) throws Problem {
        Eml eml = eml(upload(message.upload()));
        Recorded unjudged = message.recorded(eml, Map.of());
        List<Outcome> before = judge(List.of(unjudged), null);
        if (candidate == null || before.isEmpty()) {
            return ReplayView.Report.alone(unjudged, before);
        }
        Recorded judged = message.recorded(eml, before.getFirst().verdicts());
        return ReplayView.Report.compared(List.of(judged), judge(List.of(judged), candidate), true, false);
    }

    private ReplayView.Report recording(Wanted wanted, @Nullable Candidate candidate) throws Problem {
        int from = within("from", wanted.from(), 0, 0, Integer.MAX_VALUE);
        int count = within("count", wanted.count(), AT_ONCE, 1, MOST_AT_ONCE);
        List<Recorded> recorded = read(named(wanted.recording()), from, count);
        return ReplayView.Report.compared(recorded, judge(recorded, candidate), false, recorded.size() == count);
    }

    private List<Recorded> read(String name, int from, int count) throws Problem {
        try {
            return services.replays().read(name, from, count);
        } catch (NoSuchFileException e) {
            throw Problem.notFound("There is no recording " + name);
        } catch (IOException e) {
            throw Problem.unavailable("The recording can not be read: " + e.getMessage());
        }
    }

    private List<Outcome> judge(List<Recorded> transactions, @Nullable Candidate candidate) throws Problem {
        try {
            return services.replays().run(transactions, candidate);
        } catch (PluginException e) {
            throw Problem.conflict("The candidate can not serve: " + e.getMessage());
        }
    }

    Response recording(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(ReplayView.Recording.of(services.replays().recording()));
    }

    Response record(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        return Json.ok(record(Json.read(request, Start.class).recording()));
    }

    Response stop(Request request, List<String> arguments) throws Problem {
        Parameters.of(request);
        Json.read(request, Api.Nothing.class);
        Recording ended = services.replays().recording();
        record(Recording.NONE);
        return Json.ok(ReplayView.Recording.of(ended));
    }

    private ReplayView.Recording record(Recording wanted) throws Problem {
        try {
            return ReplayView.Recording.of(services.replays().record(wanted));
        } catch (IOException e) {
            throw Problem.conflict("That can not be recorded: " + e.getMessage());
        }
    }

    private static String named(@Nullable String name) throws Problem {
        if (name == null || !NAME.matcher(name).matches()) {
            throw Problem.badRequest("The name of a recording has up to 64 letters, digits, dots and hyphens");
        }
        return name;
    }

    private static int within(String name, @Nullable Integer value, int otherwise, int least, int most) throws Problem {
        int number = value == null ? otherwise : value;
        if (number < least || number > most) {
            throw Problem.badRequest("'" + name + "' must be from " + least + " to " + most);
        }
        return number;
    }

    private static Eml eml(Path file) throws Problem {
        try {
            if (Files.size(file) > Eml.LARGEST) {
                throw Problem.tooLarge("A message may have " + Eml.LARGEST / (1024 * 1024) + " MB at most here");
            }
            return Eml.read(file);
        } catch (IOException e) {
            throw Problem.unavailable("The message can not be read: " + e.getMessage());
        }
    }
}
