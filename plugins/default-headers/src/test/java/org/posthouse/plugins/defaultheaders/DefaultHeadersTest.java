// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.defaultheaders;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;
import org.posthouse.api.Message;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;

final class DefaultHeadersTest {
    private static final String ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

    private final List<Edit> edits = new ArrayList<>();

    private void ask(String domain, String profile, String sender, String... fields) {
        Clock clock = Clock.fixed(Instant.parse("2026-11-01T08:05:09Z"), ZoneId.of("+01:00"));
        DefaultHeaders plugin = new DefaultHeaders(config(domain), clock);
        // As the core asks: mail of clients at both stages, mail of the server itself at the queue stage alone.
        if (!profile.equals("internal")) {
            plugin.onMessage(transaction(profile, sender), message(fields));
        } else {
            plugin.onQueue(transaction(profile, sender), message(fields));
        }
    }

    private static DefaultHeaders.Config config(String domain) {
        return new DefaultHeaders.Config() {
            @Override
            public String[] profiles() {
                return new String[] {"relay", "submission", "internal"};
            }

            @Override
            public String domain() {
                return domain;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return DefaultHeaders.Config.class;
            }
        };
    }

    private Transaction transaction(String profile, String sender) {
        return proxy(Transaction.class, (method, args) -> switch (method) {
            case "id" -> ID;
            case "sender" -> Sender.of(Address.of(sender));
            case "session" -> proxy(Session.class, (inner, none) -> inner.equals("profile") ? profile : null);
            case "edit" -> edits.add((Edit) args[0]) ? null : null;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private static Message message(String... fields) {
        List<Header> all = new ArrayList<>();
        for (String field : fields) {
            all.add(new Header(field.split(":")[0], field + "\r\n"));
        }
        Headers headers = () -> all;
        return proxy(Message.class, (method, args) -> headers);
    }

    /** Answers a call by the name of its method. */
    @FunctionalInterface
    private interface Answer {
        Object of(String method, Object[] args);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, args) -> answer.of(method.getName(), args)));
    }

    @Test
    void addsWhatIsMissing() {
        ask("", "relay", "a@example.org", "Subject: x");
        assertEquals(
                List.of(
                        Edit.addHeader("Message-ID", "<01arz3ndektsv4rrffq69g5fav@example.org>"),
                        Edit.addHeader("Date", "Sun, 1 Nov 2026 09:05:09 +0100")),
                edits);
    }

    @Test
    void leavesWhatIsThereInAnyCase() {
        ask("", "submission", "a@example.org", "message-id: <1@x>", "DATE: today");
        assertEquals(List.of(), edits);
    }

    @Test
    void leavesMailOfStrangersAlone() {
        ask("", "mx", "a@example.org");
        assertEquals(List.of(), edits);
    }

    @Test
    void takesTheConfiguredDomain() {
        ask("id.example", "relay", "", "Date: x");
        assertEquals(List.of(Edit.addHeader("Message-ID", "<01arz3ndektsv4rrffq69g5fav@id.example>")), edits);
    }

    @Test
    void addsOnceHoweverTheMessageIsSplit() {
        DefaultHeaders plugin = new DefaultHeaders(
                config("id.example"), Clock.fixed(Instant.parse("2026-11-01T08:05:09Z"), ZoneId.of("+01:00")));
        plugin.onQueue(transaction("relay", "a@example.org"), message("Subject: x"));
        assertEquals(List.of(), edits);
    }

    @Test
    void addsToMailOfTheServerItself() {
        ask("id.example", "internal", "", "Date: x");
        assertEquals(List.of(Edit.addHeader("Message-ID", "<01arz3ndektsv4rrffq69g5fav@id.example>")), edits);
    }
}
