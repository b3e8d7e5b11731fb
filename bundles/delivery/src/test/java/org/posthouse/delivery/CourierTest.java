// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Batch;
import org.posthouse.api.Outcome;
import org.posthouse.api.Reply;
import org.posthouse.api.Route;
import org.posthouse.api.Verdict.Delivery;
import org.posthouse.api.hook.DeliveryAgent;
import org.posthouse.delivery.client.Addresses;
import org.posthouse.delivery.client.Dialer;
import org.posthouse.delivery.client.PlainHosts;
import org.posthouse.delivery.client.ScriptedServer;
import org.posthouse.delivery.client.StalledWrites;
import org.posthouse.delivery.client.Timeouts;
import org.posthouse.delivery.route.TestRoutes;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.State;

final class CourierTest {
    private static final String HELLO = """
            S: 220 x.test
            C: EHLO us.test
            S: 250-x.test
            S: 250 PIPELINING
            """;
    private static final String ONE = """
            C: MAIL FROM:<a@us.test>
            C: RCPT TO:<b@x.test>
            C: DATA
            S: 250 ok
            S: 250 ok
            S: 354 go
            C: Subject: x
            C:
            C: hello
            C: .
            S: 250 2.0.0 taken
            """;
    private static final String BYE = """
            C: QUIT
            S: 221 bye
            """;

    private final FakeDns dns = new FakeDns();
    private final TestRoutes routes = TestRoutes.of(dns, Set.of("us.test"));
    private final Fakes.MemoryLedger ledger = new Fakes.MemoryLedger();
    private final Fakes.MemorySpool spool = new Fakes.MemorySpool();
    private final Fakes.PlainPipeline pipeline = new Fakes.PlainPipeline();
    private final Fakes.ListLane lane = new Fakes.ListLane();
    private final StalledWrites watch = new StalledWrites(Duration.ofSeconds(10));
    private int maxRecipients = 100;

    @AfterEach
    void close() {
        watch.close();
    }

    private void carry(Route route, String[]... parcels) {
        for (String[] recipients : parcels) {
            lane.parcels.add(Fakes.parcel(Fakes.stored(recipients), route));
        }
        DeliveryMeters meters = new DeliveryMeters(new SimpleMeterRegistry());
        Dialer dialer = new Dialer(
                new Addresses(dns, true),
                Timeouts.STANDARD,
                null,
                "us.test",
                false,
                new PlainHosts(Duration.ofMinutes(1)),
                watch);
        new Courier(
                        pipeline,
                        spool,
                        ledger,
                        dialer,
                        routes.finder(),
                        routes.book(),
                        new Aftermath(ledger, (m, l) -> Optional.empty(), e -> {}, meters),
                        meters,
                        new Courier.Policy(maxRecipients, 2, 2, Duration.ofSeconds(5), Duration.ofMinutes(10)))
                .carry(lane);
    }

    private static Route to(int port) {
        return new Route("smtp", "127.0.0.1:" + port, "x.test", "r");
    }

    private static String[] one() {
        return new String[] {"b@x.test"};
    }

    private List<State> states() {
        return ledger.settled.stream()
                .flatMap(List::stream)
                .map(Progress::state)
                .toList();
    }

    @Test
    void carriesParcelsOverOneConnectionUntilItIsUsedUp() throws Exception {
        try (ScriptedServer server = new ScriptedServer(HELLO + ONE + ONE + BYE, HELLO + ONE + BYE)) {
            carry(to(server.port()), one(), one(), one());
            server.finish();
            assertEquals(List.of(State.DELIVERED, State.DELIVERED, State.DELIVERED), states());
            assertEquals(3, ledger.intents.size());
            assertEquals(Duration.ZERO, lane.waits.get(1), "a quiet site keeps no idle connection");
        }
    }

    @Test
    void opensANewConnectionWhenTheKeptOneIsGone() throws Exception {
        try (ScriptedServer server = new ScriptedServer(HELLO + ONE + "close", HELLO + ONE + BYE)) {
            carry(to(server.port()), one(), one());
            server.finish();
            assertEquals(List.of(State.DELIVERED, State.DELIVERED), states());
        }
    }

    @Test
    void sendsRecipientsThatFoundNoRoomInAnotherTransaction() throws Exception {
        String crowded = """
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<b@x.test>
                C: RCPT TO:<c@x.test>
                C: DATA
                S: 250 ok
                S: 250 ok
                S: 452 4.5.3 too many recipients
                S: 354 go
                C: Subject: x
                C:
                C: hello
                C: .
                S: 250 taken
                """;
        try (ScriptedServer server = new ScriptedServer(HELLO + crowded + ONE.replace("b@x.test", "c@x.test") + BYE)) {
            carry(to(server.port()), new String[] {"b@x.test", "c@x.test"});
            server.finish();
            assertEquals(List.of(State.DELIVERED, State.DELIVERED), states());
            assertEquals(List.of(List.of(0), List.of(1)), ledger.intents);
        }
    }

    @Test
    void splitsManyRecipients() throws Exception {
        maxRecipients = 1;
        try (ScriptedServer server = new ScriptedServer(HELLO + ONE + ONE.replace("b@x.test", "c@x.test") + BYE)) {
            carry(to(server.port()), new String[] {"b@x.test", "c@x.test"});
            server.finish();
            assertEquals(List.of(State.DELIVERED, State.DELIVERED), states());
        }
    }

    @Test
    void leavesAnUnreachableSiteAloneNoLongerThanToTheNextAttempt() throws IOException {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        carry(to(port), one());
        assertEquals(List.of(State.DEFERRED), states());
        assertTrue(ledger.settled.get(0).get(0).reply().contains("Connection refused"));
        assertEquals(Duration.ofMinutes(5), lane.pause);
    }

    @Test
    void refusesMailExchangersThatAreThisMachine() throws Exception {
        dns.mx("x.test", 10, "mx.x.test").a("mx.x.test", "127.0.0.1").a("mx.x.test", "::1");
        carry(new Route("smtp", Route.MX, "x.test", "r"), one());
        assertEquals(List.of(State.FAILED), states());
        assertTrue(ledger.settled.get(0).get(0).reply().startsWith("554 5.4.6"));
        assertEquals(Duration.ZERO, lane.pause);
    }

    @Test
    void givesBackWhatTheLedgerWithdraws() throws Exception {
        ledger.willing = false;
        String upToData = HELLO + ONE.substring(0, ONE.indexOf("C: Subject"));
        try (ScriptedServer server = new ScriptedServer(upToData)) {
            carry(to(server.port()), one());
            server.finish();
            assertEquals(1, ledger.givenBack.size());
            assertTrue(ledger.settled.isEmpty());
        }
    }

    @Test
    void setsADamagedMessageAside() throws Exception {
        spool.damaged = true;
        try (ScriptedServer server = new ScriptedServer(HELLO + ONE.substring(0, ONE.indexOf("C: Subject")))) {
            carry(to(server.port()), one());
            server.finish();
            assertEquals(1, spool.aside.size());
            assertEquals(1, ledger.givenBack.size());
            assertTrue(ledger.intents.isEmpty());
        }
    }

    @Test
    void followsAHookToAnotherRoute() throws Exception {
        try (ScriptedServer server = new ScriptedServer(HELLO + ONE + BYE)) {
            Route other = new Route("smtp", "127.0.0.1:" + server.port(), "x.test", "rerouted");
            pipeline.before = new Delivery.Reroute(other, "there is a better way");
            carry(to(1), one());
            server.finish();
            assertEquals(List.of(State.DELIVERED), states());
        }
    }

    @Test
    void letsAHookMakeARefusalTemporary() throws Exception {
        pipeline.replied = new Delivery.Delay(Duration.ofHours(2), "it is only our address");
        String refused = """
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<b@x.test>
                C: DATA
                S: 550 5.7.1 listed
                S: 503 no
                S: 503 no
                """;
        try (ScriptedServer server = new ScriptedServer(HELLO + refused + BYE)) {
            carry(to(server.port()), one());
            server.finish();
            assertEquals(List.of(State.DEFERRED), states());
        }
    }

    @Test
    void believesAnAgentOnlyWhatItAnnounced() {
        Outcome taken = new Outcome(new Reply(250, "2.0.0", "stored"), "box", "", false);
        agent((batch, route) -> {
            batch.intend(List.of(0));
            return List.of(taken, taken);
        });
        carry(new Route("box", "here", "x.test", "r"), new String[] {"b@x.test", "c@x.test"});
        assertEquals(List.of(State.DELIVERED, State.DEFERRED), states());
    }

    @Test
    void defersWhenAnAgentFailsOrIsMissing() {
        carry(new Route("nobody", "here", "x.test", "r"), one());
        agent((batch, route) -> {
            throw new IllegalStateException("broken agent");
        });
        carry(new Route("box", "here", "x.test", "r"), one());
        agent((batch, route) -> List.of());
        carry(new Route("box", "here", "x.test", "r"), one());
        assertEquals(List.of(State.DEFERRED, State.DEFERRED, State.DEFERRED), states());
    }

    private void agent(DeliveryAgent agent) {
        routes.agent("box", agent);
    }

    @Test
    void endsTheLaneWhenOutcomesCanNotBeRecorded() throws Exception {
        ledger.sick = true;
        try (ScriptedServer server = new ScriptedServer(HELLO + ONE + BYE)) {
            carry(to(server.port()), one(), one());
            server.finish();
            assertEquals(1, lane.parcels.size());
        }
    }

    @Test
    void keepsWhatWasDeliveredWhenTheAttemptBreaksOff() throws Exception {
        maxRecipients = 1;
        pipeline.failing = true;
        String refused = """
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<c@x.test>
                C: DATA
                S: 250 ok
                S: 550 5.1.1 unknown
                S: 554 no
                """;
        try (ScriptedServer server = new ScriptedServer(HELLO + ONE + refused)) {
            carry(to(server.port()), new String[] {"b@x.test", "c@x.test"});
            server.finish();
            assertEquals(List.of(State.DELIVERED, State.DEFERRED), states());
            assertTrue(ledger.givenBack.isEmpty(), "the first would get it again");
        }
    }

    @Test
    void goesToANewConnectionWhenTheKeptOneIsUsedUp() throws Exception {
        String usedUp = """
                C: RSET
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<b@x.test>
                C: DATA
                S: 250 ok
                S: 421 4.7.0 enough for one connection
                close
                """;
        String refused = """
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<b@x.test>
                C: DATA
                S: 250 ok
                S: 550 5.1.1 unknown
                S: 554 no
                """;
        try (ScriptedServer server = new ScriptedServer(HELLO + refused + usedUp, HELLO + ONE + BYE)) {
            carry(to(server.port()), one(), one());
            server.finish();
            assertEquals(List.of(State.FAILED, State.DELIVERED), states());
        }
    }

    @Test
    void leavesAConnectionThatRefusesReset() throws Exception {
        String refused = """
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<b@x.test>
                C: DATA
                S: 250 ok
                S: 550 5.1.1 unknown
                S: 554 no
                C: RSET
                C: MAIL FROM:<a@us.test>
                C: RCPT TO:<b@x.test>
                C: DATA
                S: 502 5.5.1 what is that
                """;
        try (ScriptedServer server = new ScriptedServer(HELLO + refused, HELLO + ONE + BYE)) {
            carry(to(server.port()), one(), one());
            server.finish();
            assertEquals(List.of(State.FAILED, State.DELIVERED), states());
        }
    }

    @Test
    void stopsAnAgentThatGoesOnBehindItsAnswer() {
        List<Batch> kept = new ArrayList<>();
        agent((batch, route) -> {
            kept.add(batch);
            return List.of(new Outcome(new Reply(451, "4.3.0", "later"), "box", "", false));
        });
        carry(new Route("box", "here", "x.test", "r"), one());
        assertEquals(List.of(State.DEFERRED), states());
        assertFalse(kept.get(0).intend(List.of(0)));
    }
}
