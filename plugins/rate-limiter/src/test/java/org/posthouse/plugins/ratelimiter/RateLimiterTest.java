// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.ratelimiter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.Note;
import org.posthouse.api.Peer;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.Session;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.service.Limiter;

final class RateLimiterTest {
    private static final Recipient TO = Recipient.of(Address.of("b@example.net"));

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<String> taken = new ArrayList<>();
    private final Map<String, Double> scores = new HashMap<>();
    private final Map<Note<?>, Object> notes = new HashMap<>();
    private String refused = "nobody";
    private Limiter.Rate rate = new Limiter.Rate(1, Duration.ofSeconds(1), 1);
    private String address = "192.0.2.7";
    private String user = "";
    private String sender = "A@Example.org";
    private String tenant = "";
    private boolean trusted;

    private Limiter.Grant take(String key, Limiter.Rate asked, long amount) {
        taken.add(key);
        rate = asked;
        return key.startsWith(refused)
                ? new Limiter.Grant(false, Duration.ofMillis(36_001))
                : new Limiter.Grant(true, Duration.ZERO);
    }

    /** The defaults of the configuration with these values in their place. */
    private RateLimiter plugin(Map<String, Object> values) {
        RateLimiter.Config config = (RateLimiter.Config) Proxy.newProxyInstance(
                RateLimiter.Config.class.getClassLoader(),
                new Class<?>[] {RateLimiter.Config.class},
                (proxy, method, arguments) -> values.getOrDefault(method.getName(), method.getDefaultValue()));
        return new RateLimiter(config, this::take, meters);
    }

    private static <T> T fake(Class<T> type, Map<String, Object> answers, Answering more) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object answer = answers.get(method.getName());
                    return answer == null ? more.answer(method, arguments) : answer;
                }));
    }

    private interface Answering {
        Object answer(Method method, Object[] arguments);
    }

    private Session session() {
        InetSocketAddress client = new InetSocketAddress(address, 4711);
        Peer peer = new Peer(client, client, "", user);
        return fake(Session.class, Map.of("peer", peer, "trusted", trusted), (method, arguments) -> {
            if (method.getName().equals("put")) {
                notes.put((Note<?>) arguments[0], arguments[1]);
                return Optional.empty();
            }
            return Optional.ofNullable(notes.get(arguments[0]));
        });
    }

    private Transaction transaction() {
        Map<String, Object> answers =
                Map.of("session", session(), "tenant", tenant, "sender", Sender.of(Address.of(sender)));
        return fake(Transaction.class, answers, (method, arguments) -> {
            scores.merge((String) arguments[0], (Double) arguments[1], Double::sum);
            return Optional.empty();
        });
    }

    private Verdict mail(RateLimiter plugin) {
        return plugin.onMail(transaction(), Sender.of(Address.of(sender)));
    }

    private Verdict rcpt(RateLimiter plugin) {
        return plugin.onRcpt(transaction(), TO);
    }

    private static final Map<String, Object> ALL = Map.of(
            "connectionsPerIp", "10/m",
            "messagesPerIp", "100/hour",
            "messagesPerSender", "100/hour",
            "messagesPerUser", "100/hour",
            "recipientsPerIp", "100/hour",
            "recipientsPerSender", "100/hour",
            "recipientsPerUser", "100/hour",
            "recipientsPerTenant", "100/hour");

    private static Map<String, Object> with(String key, Object value) {
        Map<String, Object> values = new HashMap<>(ALL);
        values.put(key, value);
        return values;
    }

    private double hits(String limit) {
        return meters.get("posthouse.rate.limited")
                .tag("limit", limit)
                .counter()
                .count();
    }

    @Test
    void limitsNothingUnlessTold() {
        RateLimiter plugin = plugin(Map.of());
        assertEquals(Verdict.next(), plugin.onConnect(session()));
        assertEquals(Verdict.next(), mail(plugin));
        assertEquals(Verdict.next(), rcpt(plugin));
        assertEquals(List.of(), taken);
    }

    @Test
    void asksForEachThatIsKnown() {
        RateLimiter plugin = plugin(ALL);
        user = "Anna";
        tenant = "acme";
        plugin.onConnect(session());
        mail(plugin);
        rcpt(plugin);
        assertEquals(
                List.of(
                        "connections-per-ip:192.0.2.7",
                        "messages-per-user:anna",
                        "messages-per-sender:a@example.org",
                        "messages-per-ip:192.0.2.7",
                        "recipients-per-user:anna",
                        "recipients-per-sender:a@example.org",
                        "recipients-per-tenant:acme",
                        "recipients-per-ip:192.0.2.7"),
                taken);
    }

    @Test
    void takesNoticesAndStrangersForNobody() {
        RateLimiter plugin = plugin(ALL);
        sender = "";
        mail(plugin);
        rcpt(plugin);
        assertEquals(List.of("messages-per-ip:192.0.2.7", "recipients-per-ip:192.0.2.7"), taken);
    }

    @Test
    void refusesForNowAndTellsHowLong() {
        refused = "messages-per-sender";
        Verdict.Defer verdict = assertInstanceOf(Verdict.Defer.class, mail(plugin(ALL)));
        assertEquals(
                "451 4.7.1 Too much in too short a time, try again in 37 seconds",
                verdict.reply().toString());
        assertEquals("messages-per-sender reached by a@example.org", verdict.reason());
        assertEquals(
                List.of("messages-per-user", "messages-per-ip").stream()
                        .mapToDouble(this::hits)
                        .sum(),
                0.0);
        assertEquals(1.0, hits("messages-per-sender"));
    }

    @Test
    void takesNothingBehindARefusal() {
        refused = "recipients-per-sender";
        rcpt(plugin(ALL));
        assertEquals(List.of("recipients-per-sender:a@example.org"), taken);
    }

    @Test
    void refusesWithTheCodeThatIsSet() {
        refused = "recipients-per-ip";
        Verdict.Defer verdict = assertInstanceOf(Verdict.Defer.class, rcpt(plugin(with("code", 450))));
        assertEquals(450, verdict.reply().code());
    }

    @Test
    void closesConnectionsBeyondTheLimit() {
        refused = "connections-per-ip";
        Verdict.Disconnect verdict =
                assertInstanceOf(Verdict.Disconnect.class, plugin(ALL).onConnect(session()));
        assertEquals(421, verdict.reply().code());
    }

    @Test
    void scoresInPlaceOfRefusing() {
        RateLimiter plugin = plugin(with("action", "score"));
        refused = "connections-per-ip";
        assertEquals(Verdict.next(), plugin.onConnect(session()));
        refused = "messages-per-ip";
        assertEquals(Verdict.next(), mail(plugin));
        assertEquals(Map.of("RATE_CONNECTIONS_PER_IP", 3.0, "RATE_MESSAGES_PER_IP", 3.0), scores);
    }

    @Test
    void exemptsTrustedClientsListedNetworksAndUsers() {
        Map<String, Object> values = with("exemptNetworks", new String[] {"198.51.100.0/24", "2001:db8::/33"});
        values.put("exemptUsers", new String[] {"Root"});
        RateLimiter plugin = plugin(values);
        trusted = true;
        mail(plugin);
        trusted = false;
        user = "root";
        mail(plugin);
        user = "";
        for (String exempt : List.of("198.51.100.255", "2001:db8:7fff::1")) {
            address = exempt;
            plugin.onConnect(session());
            rcpt(plugin);
        }
        assertEquals(List.of(), taken);
        for (String other : List.of("198.51.101.0", "2001:db8:8000::1")) {
            address = other;
            plugin.onConnect(session());
        }
        assertEquals(2, taken.size());
    }

    @Test
    void trustedClientsCanBeLimitedToo() {
        trusted = true;
        mail(plugin(with("exemptTrusted", false)));
        assertEquals(2, taken.size());
    }

    @Test
    void takesANetworkOfIpv6ForOneClient() {
        RateLimiter plugin = plugin(ALL);
        for (String one : List.of("2001:db8:1:2:3::4", "2001:db8:1:2::9")) {
            address = one;
            plugin.onConnect(session());
        }
        assertEquals(taken.get(0), taken.get(1));
        assertEquals("connections-per-ip:2001:db8:1:2:0:0:0:0/64", taken.get(0));
    }

    @Test
    void readsRatesAndBursts() {
        Map<String, Object> values = new HashMap<>(Map.of("messagesPerIp", "5/min"));
        mail(plugin(values));
        assertEquals(new Limiter.Rate(5, Duration.ofMinutes(1), 5), rate);
        values.put("messagesPerIpBurst", 20L);
        values.put("messagesPerIp", "1000/day");
        mail(plugin(values));
        assertEquals(new Limiter.Rate(1_000, Duration.ofDays(1), 20), rate);
        values.put("messagesPerIp", "5/year");
        assertThrows(IllegalArgumentException.class, () -> plugin(values));
    }
}
