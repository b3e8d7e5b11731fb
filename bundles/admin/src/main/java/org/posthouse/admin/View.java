// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Recipient;
import org.posthouse.pipeline.spi.Plugins;
import org.posthouse.queue.spi.Queue;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/** What the API shows of the engine's values; the names of the record components are the names in the JSON. */
final class View {
    private static final int NAMED_RECIPIENTS = 5;

    private View() {}

    static String state(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    /** A page of the queue; {@code next} is the cursor of the next page, null on the last. */
    record Page(List<Item> items, @Nullable String next) {
        static Page of(Queue.Page page, @Nullable String node) {
            return new Page(
                    page.messages().stream()
                            .map(stored -> Item.of(stored, node))
                            .toList(),
                    page.next() == null ? null : page.next().toString());
        }
    }

    /** One message in a list; its node only in a cluster. */
    record Item(
            String id,
            String received,
            String sender,
            int recipientCount,
            List<String> recipients,
            Map<String, Integer> states,
            long size,
            @Nullable String due,
            int attempts,
            String lastReply,
            String lastHost,
            String holdReason,
            List<String> tags,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String node) {
        static Item of(Spool.Stored stored, @Nullable String node) {
            Envelope envelope = stored.envelope();
            Progress last = lastReply(stored.progress());
            return new Item(
                    envelope.id().toString(),
                    envelope.received().toString(),
                    envelope.sender().address().toString(),
                    envelope.recipients().size(),
                    envelope.recipients().stream()
                            .limit(NAMED_RECIPIENTS)
                            .map(recipient -> recipient.address().toString())
                            .toList(),
                    states(stored.progress()),
                    envelope.body().size(),
                    due(stored.progress()),
                    stored.progress().stream()
                            .mapToInt(Progress::attempts)
                            .max()
                            .orElse(0),
                    last == null ? "" : last.reply(),
                    last == null ? "" : last.host(),
                    envelope.routing().holdReason(),
                    envelope.routing().tags(),
                    node);
        }

        private static Map<String, Integer> states(List<Progress> progress) {
            Map<String, Integer> counts = new LinkedHashMap<>();
            for (State state : State.values()) {
                int count =
                        (int) progress.stream().filter(p -> p.state() == state).count();
                if (count > 0) {
                    counts.put(View.state(state), count);
                }
            }
            return counts;
        }

        private static @Nullable String due(List<Progress> progress) {
            return progress.stream()
                    .filter(p -> !p.state().ended() && p.state() != State.HELD)
                    .map(Progress::due)
                    .min(Comparator.naturalOrder())
                    .map(Instant::toString)
                    .orElse(null);
        }

        private static @Nullable Progress lastReply(List<Progress> progress) {
            return progress.stream()
                    .filter(p -> !p.reply().isEmpty())
                    .max(Comparator.comparing(Progress::changed))
                    .orElse(null);
        }
    }

    /** One message with all that is known of it; its node only in a cluster. */
    record Detail(
            String id,
            String received,
            From sender,
            Envelope.Origin origin,
            Envelope.Routing routing,
            long size,
            boolean eightBit,
            boolean headEdited,
            boolean bodyReplaced,
            String trace,
            String stamp,
            List<To> recipients,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String node) {
        static Detail of(Spool.Stored stored, @Nullable String node) {
            Envelope envelope = stored.envelope();
            return new Detail(
                    envelope.id().toString(),
                    envelope.received().toString(),
                    From.of(envelope),
                    envelope.origin(),
                    envelope.routing(),
                    envelope.body().size(),
                    envelope.body().eightBit(),
                    envelope.headEdited(),
                    !envelope.body().replacement().isEmpty(),
                    envelope.trace(),
                    envelope.stamp(),
                    stored.progress().stream()
                            .map(progress -> To.of(envelope.recipients().get(progress.recipient()), progress))
                            .toList(),
                    node);
        }
    }

    /** The reverse-path with its parameters. */
    record From(String address, String body, boolean smtpUtf8, String ret, String envelopeId) {
        static From of(Envelope envelope) {
            return new From(
                    envelope.sender().address().toString(),
                    envelope.sender().body().name(),
                    envelope.sender().smtpUtf8(),
                    envelope.sender().ret(),
                    envelope.sender().envelopeId());
        }
    }

    /** A recipient and how far it is. */
    record To(
            int number,
            String address,
            String state,
            int attempts,
            @Nullable String due,
            String reply,
            String host,
            String changed,
            String notifyOn,
            String original) {
        static To of(Recipient recipient, Progress progress) {
            return new To(
                    progress.recipient(),
                    recipient.address().toString(),
                    View.state(progress.state()),
                    progress.attempts(),
                    progress.state().ended() ? null : progress.due().toString(),
                    progress.reply(),
                    progress.host(),
                    progress.changed().toString(),
                    recipient.notifyOn(),
                    recipient.original());
        }
    }

    /** What an action changed, and in a cluster at which node. */
    record Changed(
            String id,
            int changed,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String node) {}

    /** Messages, octets of bodies, and recipients by state, zeros included. */
    record Counts(long messages, long octets, Map<String, Long> recipients) {
        static Counts of(Spool.Counts counts) {
            Map<String, Long> recipients = new LinkedHashMap<>();
            Arrays.stream(State.values())
                    .forEach(state -> recipients.put(
                            View.state(state), counts.recipients().getOrDefault(state, 0L)));
            return new Counts(counts.messages(), counts.octets(), recipients);
        }
    }

    /** The sites that something waits for or runs to. */
    record Sites(List<Queue.SiteLine> sites) {}

    /** The plugins. */
    record PluginList(List<Plugins.Plugin> plugins) {}

    /** What was done to something that has a name. */
    record Done(String name, String done) {}

    /** The hooks of every stage in the order in which they are asked. */
    record HookList(List<HookLine> hooks) {
        static HookList of(List<Plugins.HookLine> order) {
            return new HookList(order.stream().map(HookLine::of).toList());
        }
    }

    /** A hook in its place. */
    record HookLine(
            String stage,
            int position,
            String hook,
            String plugin,
            String version,
            String generation,
            String mode,
            int share,
            String breaker,
            int running,
            int maxConcurrent,
            long timeoutMillis,
            String onFailure,
            long calls,
            long failures,
            double meanMicros,
            int abandoned) {
        static HookLine of(Plugins.HookLine line) {
            return new HookLine(
                    line.stage().name().toLowerCase(Locale.ROOT),
                    line.position(),
                    line.hook(),
                    line.plugin(),
                    line.version(),
                    line.generation(),
                    line.mode(),
                    line.share(),
                    line.breaker(),
                    line.running(),
                    line.maxConcurrent(),
                    line.timeoutMillis(),
                    line.onFailure(),
                    line.calls(),
                    line.failures(),
                    line.meanMicros(),
                    line.abandoned());
        }
    }

    /** The configuration was applied. */
    record Reloaded(boolean applied) {}
}
