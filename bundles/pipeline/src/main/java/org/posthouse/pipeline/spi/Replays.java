// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;

/** Runs transactions that were recorded, or a message from a file, through the pipeline; nothing of it reaches the queue. */
public interface Replays {
    /**
     * Judges transactions by the pipeline as it is, or with a candidate in it, and compares with what was recorded.
     *
     * @param transactions what to judge; the outcomes come in their order
     * @param candidate what to put into the pipeline for this run alone; null for the pipeline as it is
     * @throws Plugins.PluginException when the candidate can not serve, and why
     */
    List<Outcome> run(List<Recorded> transactions, @Nullable Candidate candidate) throws Plugins.PluginException;

    /** Records transactions from now on, or ends it. What is recorded stands in {@code <dataDir>/recordings/}. */
    Recording record(Recording wanted) throws IOException;

    /** What is being recorded now. */
    Recording recording();

    /** Reads a recording by its name, at most so many transactions from this one on (0 is the first). */
    List<Recorded> read(String name, int from, int most) throws IOException;

    /**
     * A plugin to try.
     *
     * @param plugin the name of the plugin
     * @param jar the jar; null for the one in force
     * @param settings its configuration as YAML; null for the one in force
     */
    record Candidate(
            String plugin, @Nullable Path jar, @Nullable String settings) {}

    /**
     * What is recorded.
     *
     * @param name the name of the recording, or empty when nothing is recorded
     * @param percent of how many transactions, 1 to 100
     * @param bodies whether bodies are recorded too, up to 1 MB each
     * @param most after how many transactions it ends by itself
     */
    record Recording(String name, int percent, boolean bodies, int most) {
        /** Nothing is recorded. */
        public static final Recording NONE = new Recording("", 0, false, 0);
    }

    /**
     * One transaction as it was.
     *
     * @param id the message
     * @param facts what was known of the session
     * @param helo what HELO or EHLO said
     * @param extended whether it was EHLO
     * @param tls protocol and cipher when the transaction began, or empty
     * @param user the authenticated identity, or empty
     * @param sender the reverse-path
     * @param recipients every recipient that was asked about, accepted or not
     * @param head the header block as it came in (ISO 8859-1), or empty when no message was sent
     * @param body what came behind it; null when it was not recorded
     * @param dns the answers of DNS, by question
     * @param verdicts what the pipeline decided: by {@code mail}, {@code rcpt <address>}, {@code message}, the reply or
     *     {@code accept}, {@code hold}, {@code discard}
     */
    record Recorded(
            String id,
            Pipeline.Facts facts,
            String helo,
            boolean extended,
            String tls,
            String user,
            Sender sender,
            List<Recipient> recipients,
            String head,
            byte @Nullable [] body,
            Map<String, String> dns,
            Map<String, String> verdicts) {
        public Recorded {
            recipients = List.copyOf(recipients);
            dns = Map.copyOf(dns);
            verdicts = Map.copyOf(verdicts);
        }
    }

    /**
     * How one transaction was judged in the replay.
     *
     * @param id the message
     * @param same whether every verdict is the recorded one
     * @param verdicts what was decided now, by the same keys as {@link Recorded#verdicts()}
     * @param steps what each hook said
     */
    record Outcome(String id, boolean same, Map<String, String> verdicts, List<Traces.Step> steps) {
        public Outcome {
            verdicts = Map.copyOf(verdicts);
            steps = List.copyOf(steps);
        }
    }
}
