// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.messagelogger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.Event;
import org.posthouse.api.Headers;
import org.posthouse.api.Message;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.Observer;
import org.slf4j.LoggerFactory;

/**
 * Writes one log line per message, when it was accepted or refused.
 *
 * <p>As a hook it notes which message it was asked about, with the wanted header fields; as an observer it writes the line
 * when the fate of that message is told. So of two generations that stand side by side only the one that was asked writes,
 * and the writing, which may block, is never done while a client waits.
 */
@Hook(name = "message-logger", before = "*", onFailure = OnFailure.CONTINUE)
@Component(configurationPid = "message-logger", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = MessageLogger.Config.class)
public final class MessageLogger implements DataHook, Observer {
    /** What the operator chooses. */
    @ObjectClassDefinition(name = "Message logger")
    @interface Config {
        @AttributeDefinition(
                description = "How a line looks: `name=value` pairs, or one JSON object.",
                options = {@Option("text"), @Option("json")},
                required = false)
        String format() default "text";

        @AttributeDefinition(
                description = "The facts of the event that are written, in this order; those that an event lacks are"
                        + " left out.",
                required = false)
        String[] facts() default {
            "id",
            "session",
            "listener",
            "peer",
            "helo",
            "tls",
            "sender",
            "recipients",
            "size",
            "millis",
            "code",
            "reply",
            "hook",
            "discardedBy",
            "reason"
        };

        @AttributeDefinition(
                description = "Header fields of the message as it came in that are written too, as `header.name`.",
                required = false)
        String[] headers() default {};

        @AttributeDefinition(description = "The listeners whose messages are written; `*` is all.", required = false)
        String[] listeners() default {"*"};

        @AttributeDefinition(description = "Whether messages that were refused are written too.", required = false)
        boolean refused() default true;

        @AttributeDefinition(
                description = "Writes `***` for the local part of every address in facts and headers.",
                required = false)
        boolean redact() default false;
    }

    /** So many messages may wait for their event; what a client broke off never gets one. */
    static final int MOST_PENDING = 16_384;

    private final List<String> facts;
    private final List<String> headers;
    private final Set<String> listeners;
    private final boolean refused;
    private final LineFormat format;
    private final Consumer<String> log;
    private final Counter lines;
    private final Counter forgotten;
    private final Map<String, Map<String, String>> pending = new LinkedHashMap<>();

    @Activate
    public MessageLogger(@Reference MeterRegistry meters, Config config) {
        this(meters, config, LoggerFactory.getLogger("org.posthouse.plugins.messagelogger")::info);
    }

    MessageLogger(MeterRegistry meters, Config config, Consumer<String> log) {
        this.facts = List.of(config.facts());
        this.headers = List.of(config.headers());
        this.listeners = Set.copyOf(List.of(config.listeners()));
        this.refused = config.refused();
        this.format = new LineFormat(config.format().equals("json"), config.redact());
        this.log = log;
        this.lines = Counter.builder("posthouse.messagelogger.lines")
                .description("Lines written about messages")
                .register(meters);
        this.forgotten = Counter.builder("posthouse.messagelogger.forgotten")
                .description("Messages whose fate was not told before too many others had come")
                .register(meters);
    }

    /** Before any hook could refuse the message. */
    @Override
    public Verdict onHeaders(Transaction tx, Headers present) {
        if (listeners.contains("*") || listeners.contains(tx.session().listener())) {
            note(tx.id(), chosen(present));
        }
        return Verdict.next();
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        return Verdict.next();
    }

    private Map<String, String> chosen(Headers present) {
        Map<String, String> chosen = new LinkedHashMap<>();
        for (String name : headers) {
            present.first(name).ifPresent(field -> chosen.put(name, LineFormat.cut(field.value())));
        }
        return chosen;
    }

    private void note(String id, Map<String, String> fields) {
        synchronized (pending) {
            pending.put(id, fields);
            if (pending.size() > MOST_PENDING) {
                pending.remove(pending.keySet().iterator().next());
                forgotten.increment();
            }
        }
    }

    @Override
    public void onEvent(Event event) {
        boolean reception = event.type() == Event.Type.RECEPTION;
        if (!reception && event.type() != Event.Type.REJECTION
                || !(event.facts().get("id") instanceof String id)) {
            return;
        }
        Map<String, String> fields;
        synchronized (pending) {
            fields = pending.remove(id);
        }
        if (fields != null && (reception || refused)) {
            log.accept(format.line(outcome(event, reception), picked(event), fields));
            lines.increment();
        }
    }

    private static String outcome(Event event, boolean reception) {
        if (!reception) {
            return "refused";
        }
        return event.facts().containsKey("discardedBy") ? "discarded" : "accepted";
    }

    private Map<String, Object> picked(Event event) {
        Map<String, Object> picked = new LinkedHashMap<>();
        for (String name : facts) {
            Object value = event.facts().get(name);
            if (value != null) {
                picked.put(name, value);
            }
        }
        return picked;
    }
}
