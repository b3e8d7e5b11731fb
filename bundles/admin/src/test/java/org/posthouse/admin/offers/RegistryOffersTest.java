// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.offers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.ServiceRegistration;
import org.posthouse.admin.FakeCommand;
import org.posthouse.admin.spi.OfferException;
import org.posthouse.admin.spi.OfferException.Kind;
import org.posthouse.admin.spi.Offers.Offer;
import org.posthouse.api.Event;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Page;
import org.posthouse.api.operator.Table;

final class RegistryOffersTest {
    private static final Map<String, List<String>> ALICE =
            Map.of("address", List.of("alice@example.org"), "password", List.of("s3cret"));

    private final List<Event> events = Collections.synchronizedList(new ArrayList<>());
    private Registry registry;
    private RegistryOffers offers;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        registry = new Registry(folder);
        offers = new RegistryOffers(registry.context(), events::add, Duration.ofMillis(500));
    }

    @AfterEach
    void stop() throws Exception {
        offers.close();
        registry.stop();
    }

    @Test
    void listsCommandsThatComeAndGo() {
        assertEquals(List.of(), offers.commands());
        ServiceRegistration<Command> list = registry.offer(Command.class, command("list", "none"));
        registry.offer(Command.class, command("add", "added"));
        assertEquals(
                List.of("add", "list"),
                offers.commands().stream().map(Offer::name).toList());
        list.unregister();
        assertEquals(List.of("add"), offers.commands().stream().map(Offer::name).toList());
        assertEquals(Kind.UNKNOWN, failure("list", Map.of()).kind());
    }

    @Test
    void asksTheNewerOfTwoGenerationsWhicheverRanksHigher() throws Exception {
        registry.context()
                .registerService(
                        Command.class,
                        command("add", "the old one"),
                        org.osgi.framework.FrameworkUtil.asDictionary(Map.of("service.ranking", 1000)));
        ServiceRegistration<Command> second = registry.offer(Command.class, command("add", "the new one"));
        assertEquals(1, offers.commands().size());
        assertEquals("the new one", offers.run("user", "add", ALICE, "test").note());
        second.unregister();
        assertEquals("the old one", offers.run("user", "add", ALICE, "test").note());
    }

    @Test
    void refusesWhatACommandDoesNotTake() {
        registry.offer(Command.class, command("add", "added"));
        for (Map<String, List<String>> wrong : List.of(
                Map.of("address", List.of("a")),
                Map.of("address", List.of(""), "password", List.of("p")),
                Map.of("address", List.of("a", "b"), "password", List.of("p")),
                Map.of("address", List.of("a"), "password", List.of("p"), "colour", List.of("red")),
                Map.of("address", List.of("a"), "password", List.of("p"), "disabled", List.of("yes")),
                Map.of("address", List.<String>of(), "password", List.of("p")))) {
            assertEquals(Kind.ARGUMENTS, failure("add", wrong).kind(), wrong::toString);
        }
        assertEquals(List.of(), events);
    }

    @Test
    void handsOverWhatWasGiven() throws Exception {
        registry.offer(
                Command.class,
                new FakeCommand(
                        "add",
                        FakeCommand.ADD,
                        arguments -> Table.says(arguments.text("address") + " " + arguments.list("may-send-as") + " "
                                + arguments.flag("disabled") + " " + arguments.optional("tenant"))));
        Map<String, List<String>> given = Map.of(
                "address", List.of("a@b"),
                "password", List.of("p"),
                "may-send-as", List.of("c@d", "e@f"),
                "disabled", List.of());
        assertEquals(
                "a@b [c@d, e@f] true Optional.empty",
                offers.run("user", "add", given, "test").note());
    }

    @Test
    void writesDownWhoChangedWhatButNoSecret() throws Exception {
        registry.offer(Command.class, command("add", "added"));
        registry.offer(Command.class, new FakeCommand("list", List.of(), arguments -> Table.says("nobody")));
        offers.run("user", "list", Map.of(), "test");
        assertEquals(List.of(), events);
        offers.run("user", "add", ALICE, "test");
        Event event = events.getFirst();
        assertEquals(Event.Type.ADMIN, event.type());
        assertEquals(
                "{action=command, command=user add, arguments=address=alice@example.org password=(secret), "
                        + "plugin=org.apache.felix.framework, who=test, result=done}",
                event.facts().toString());
    }

    @Test
    void tellsWhyACommandRefused() {
        registry.offer(Command.class, new FakeCommand("add", FakeCommand.ADD, arguments -> {
            throw new CommandException("There is an alice already");
        }));
        OfferException refused = failure("add", ALICE);
        assertEquals(Kind.REFUSED, refused.kind());
        assertEquals("There is an alice already", refused.getMessage());
        assertEquals(
                "not done: There is an alice already", events.getFirst().facts().get("result"));
    }

    @Test
    void containsWhateverIsThrown() {
        for (Throwable thrown :
                List.of(new IllegalStateException("no"), new NoClassDefFoundError("gone"), new StackOverflowError())) {
            ServiceRegistration<Command> bad =
                    registry.offer(Command.class, new FakeCommand("add", FakeCommand.ADD, arguments -> {
                        throw RegistryOffersTest.<RuntimeException>sneaky(thrown);
                    }));
            OfferException failed = failure("add", ALICE);
            assertEquals(Kind.FAILED, failed.kind());
            assertNull(failed.getCause());
            bad.unregister();
        }
        registry.offer(Command.class, new FakeCommand("add", FakeCommand.ADD, arguments -> null));
        assertEquals(Kind.FAILED, failure("add", ALICE).kind());
    }

    @Test
    void leavesOutWhatCanNotSayWhoItIs() {
        registry.offer(Command.class, new FakeCommand("Not A Name", List.of(), arguments -> Table.says("")));
        registry.offer(Command.class, new FakeCommand("twice", twice(), arguments -> Table.says("")));
        registry.offer(Command.class, new FakeCommand("missing", null, arguments -> Table.says("")));
        registry.offer(Command.class, command("good", "good"));
        assertEquals(
                List.of("good"), offers.commands().stream().map(Offer::name).toList());
    }

    private static List<Command.Parameter> twice() {
        return List.of(Command.Parameter.flag("x", ""), Command.Parameter.flag("x", ""));
    }

    @Test
    void waitsNoLongerThanTheLimitAndAsksABusyOneNoMore() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        registry.offer(Command.class, new FakeCommand("hang", List.of(), arguments -> {
            awaitUninterruptibly(end);
            return Table.says("late");
        }));
        registry.offer(Command.class, command("add", "added"));
        for (int i = 0; i < 4; i++) {
            OfferException overdue = failure("hang", Map.of());
            assertEquals(Kind.OVERDUE, overdue.kind());
            assertTrue(overdue.getMessage().contains("did not answer"), overdue::getMessage);
        }
        assertTrue(failure("hang", Map.of()).getMessage().contains("still busy"));
        assertEquals("added", offers.run("user", "add", ALICE, "test").note());
        end.countDown();
        await(() -> {
            try {
                return offers.run("user", "hang", Map.of(), "test").note().equals("late");
            } catch (OfferException stillBusy) {
                return false;
            }
        });
    }

    @Test
    void keepsNothingOfACommandThatWentAway() throws Exception {
        WeakReference<Command> gone = comeAndGo();
        await(() -> {
            System.gc();
            return gone.refersTo(null);
        });
    }

    private WeakReference<Command> comeAndGo() throws Exception {
        String captured = new String("x");
        Command command = new FakeCommand("add", FakeCommand.ADD, arguments -> Table.says(captured));
        ServiceRegistration<Command> registration = registry.offer(Command.class, command);
        offers.commands();
        offers.run("user", "add", ALICE, "test");
        registration.unregister();
        return new WeakReference<>(command);
    }

    @Test
    void showsPages() throws Exception {
        assertEquals(
                Kind.UNKNOWN,
                assertThrows(OfferException.class, () -> offers.show("user")).kind());
        registry.offer(Page.class, new UserPage());
        assertEquals("Users", offers.tabs().getFirst().title());
        assertEquals(
                "alice", offers.show("user").getFirst().table().rows().get(0).get(0));
    }

    @Test
    void tellsWhenPagesComeAndGo() {
        List<Integer> tabs = Collections.synchronizedList(new ArrayList<>());
        Runnable watcher = () -> tabs.add(offers.tabs().size());
        offers.onChange(watcher);
        ServiceRegistration<Page> page = registry.offer(Page.class, new UserPage());
        page.unregister();
        assertEquals(List.of(1, 0), tabs);
        offers.noMore(watcher);
        registry.offer(Page.class, new UserPage());
        assertEquals(List.of(1, 0), tabs);
    }

    private record UserPage() implements Page {
        @Override
        public String group() {
            return "user";
        }

        @Override
        public String title() {
            return "Users";
        }

        @Override
        public List<Section> show() {
            return List.of(new Section("All", Table.of(List.of("name"), List.of(List.of("alice")))));
        }
    }

    private static Command command(String name, String answer) {
        return new FakeCommand(name, FakeCommand.ADD, arguments -> Table.says(answer));
    }

    private OfferException failure(String name, Map<String, List<String>> given) {
        OfferException failure = assertThrows(OfferException.class, () -> offers.run("user", name, given, "test"));
        assertFalse(String.valueOf(failure.getMessage()).contains("s3cret"));
        return failure;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            Thread.interrupted();
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "it did not happen");
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }
}
