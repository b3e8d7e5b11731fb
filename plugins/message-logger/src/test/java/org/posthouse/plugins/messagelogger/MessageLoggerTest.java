// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.messagelogger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthouse.api.Event;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;
import org.posthouse.api.Reply;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;

final class MessageLoggerTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, Object> values = new HashMap<>();
    private final List<String> lines = new ArrayList<>();

    private MessageLogger plugin() {
        MessageLogger.Config config = proxy(MessageLogger.Config.class, method -> {
            try {
                Object standard =
                        MessageLogger.Config.class.getDeclaredMethod(method).getDefaultValue();
                return values.getOrDefault(method, standard);
            } catch (NoSuchMethodException e) {
                throw new IllegalStateException(e);
            }
        });
        return new MessageLogger(meters, config, lines::add);
    }

    /** Answers a call by the name of its method. */
    @FunctionalInterface
    private interface Answer {
        Object of(String method);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> answer.of(method.getName())));
    }

    private static void ask(MessageLogger plugin, String id, String... fields) {
        Session session = proxy(Session.class, method -> "mx");
        Transaction tx = proxy(Transaction.class, method -> method.equals("id") ? id : session);
        List<Header> all = new ArrayList<>();
        for (String field : fields) {
            String octets = new String((field + "\r\n").getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            all.add(new Header(field.split(":")[0], octets));
        }
        Headers headers = () -> all;
        assertEquals(Verdict.next(), plugin.onHeaders(tx, headers));
    }

    private static Event reception(String id) {
        return Event.of(Event.Type.RECEPTION)
                .with("session", "s1")
                .with("listener", "mx")
                .with("id", id)
                .with("sender", "anna@example.org")
                .with("recipients", 2)
                .with("size", 1234)
                .build();
    }

    @Test
    void writesOneLinePerMessage() {
        MessageLogger plugin = plugin();
        ask(plugin, "01A");
        plugin.onEvent(reception("01A"));
        plugin.onEvent(reception("01A"));
        assertEquals(
                List.of(
                        "message=accepted id=01A session=s1 listener=mx sender=anna@example.org recipients=2 size=1234"),
                lines);
        assertEquals(1, meters.counter("posthouse.messagelogger.lines").count());
    }

    @Test
    void theGenerationThatWasNotAskedIsSilent() {
        MessageLogger other = plugin();
        other.onEvent(reception("01A"));
        assertEquals(List.of(), lines);
    }

    @Test
    void saysWhyAMessageWasRefused() {
        MessageLogger plugin = plugin();
        ask(plugin, "01A");
        plugin.onEvent(Event.of(Event.Type.REJECTION)
                .with("id", "01A")
                .with(new Reply(550, "5.7.1", "No spam"))
                .with("hook", "score-policy")
                .with("reason", "score 9.00: A 9.00")
                .build());
        assertEquals(
                List.of("message=refused id=01A code=550 reply=\"No spam\" hook=score-policy"
                        + " reason=\"score 9.00: A 9.00\""),
                lines);
    }

    @Test
    void isSilentOfTheRefusedWhenAsked() {
        values.put("refused", false);
        MessageLogger plugin = plugin();
        ask(plugin, "01A");
        plugin.onEvent(Event.of(Event.Type.REJECTION).with("id", "01A").build());
        assertEquals(List.of(), lines);
    }

    @Test
    void saysThatAMessageWasThrownAway() {
        values.put("facts", new String[] {"discardedBy"});
        MessageLogger plugin = plugin();
        ask(plugin, "01A");
        plugin.onEvent(Event.of(Event.Type.RECEPTION)
                .with("id", "01A")
                .with("discardedBy", "rules")
                .build());
        assertEquals(List.of("message=discarded discardedBy=rules"), lines);
    }

    @Test
    void writesTheChosenHeadersAndLetsNoneBreakTheLine() {
        values.put("facts", new String[] {"id"});
        values.put("headers", new String[] {"Subject", "Message-ID", "X-None"});
        MessageLogger plugin = plugin();
        ask(plugin, "01A", "Message-Id: <1@x>", "Subject: hi \" id=2\r\n \u001b[31m\u202e\\");
        plugin.onEvent(reception("01A"));
        assertEquals(
                List.of("message=accepted id=01A"
                        + " header.subject=\"hi \\\" id=2 \\u001b[31m\\u202e\\\\\" header.message-id=<1@x>"),
                lines);
    }

    @Test
    void writesJson() {
        values.put("format", "json");
        values.put("facts", new String[] {"id", "size"});
        values.put("headers", new String[] {"Subject"});
        MessageLogger plugin = plugin();
        ask(plugin, "01A", "Subject: a \"b\"");
        plugin.onEvent(reception("01A"));
        assertEquals(
                List.of("{\"message\":\"accepted\",\"id\":\"01A\",\"size\":1234,\"header.subject\":\"a \\\"b\\\"\"}"),
                lines);
    }

    @Test
    void writesOfTheChosenListenersAlone() {
        for (String listener : List.of("submission", "mx")) {
            values.put("listeners", new String[] {listener});
            MessageLogger plugin = plugin();
            ask(plugin, "01A");
            plugin.onEvent(reception("01A"));
            assertEquals(listener.equals("mx") ? 1 : 0, lines.size());
        }
    }

    @Test
    void writesNothingAsShipped() {
        values.put("listeners", new String[0]);
        MessageLogger plugin = plugin();
        ask(plugin, "01A");
        plugin.onEvent(reception("01A"));
        assertEquals(List.of(), lines);
    }

    @Test
    void hidesLocalPartsWhenAsked() {
        values.put("redact", true);
        values.put("facts", new String[] {"sender"});
        values.put("headers", new String[] {"From"});
        MessageLogger plugin = plugin();
        ask(plugin, "01A", "From: Anna <anna.b@example.org>, \"c d\"@example.net");
        plugin.onEvent(reception("01A"));
        assertEquals(
                List.of("message=accepted sender=***@example.org"
                        + " header.from=\"Anna <***@example.org>, ***@example.net\""),
                lines);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "a@b.c|***@b.c",
                "no address|no address",
                "@b.c|@b.c",
                "a@b@c|***@***@c",
                "\"x\\\"y\"@b|***@b",
                "open quote\"@b|***@b",
                "to=a@b;c@d|to=***@b;***@d",
                "''|''"
            })
    void hidesLocalPartsHoweverTheyAreWritten(String text, String hidden) {
        assertEquals(hidden, Redaction.of(text));
    }

    @Test
    void keepsABoundedNumberOfMessagesInMind() {
        MessageLogger plugin = plugin();
        for (int i = 0; i <= MessageLogger.MOST_PENDING; i++) {
            ask(plugin, "id" + i);
        }
        plugin.onEvent(reception("id0"));
        assertEquals(List.of(), lines);
        plugin.onEvent(reception("id1"));
        assertEquals(1, lines.size());
        assertEquals(1, meters.counter("posthouse.messagelogger.forgotten").count());
    }
}
