// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.admin.spi.RefusedException;
import org.posthouse.admin.spi.Rollouts;
import org.posthouse.telemetry.spi.EventSink;
import org.posthouse.telemetry.spi.Members;

/** Leads rollouts by asking the members of the cluster, this one among them, what an operator would ask each of them. */
@Component(service = Rollouts.class)
public final class MemberRollouts implements Rollouts {
    private static final Duration TO_CHECK = Duration.ofMinutes(1);
    private static final long LOOK_MILLIS = 500;
    private static final Call ROLLOUT = Call.get("/plugins/rollout").with("node", "self");

    private final Members members;
    private final EventSink events;
    private final InstantSource clock;
    private final Installation.Pause pause;
    private @Nullable Logbook last;
    private @Nullable Thread runner;
    private boolean beginning;

    @Activate
    public MemberRollouts(@Reference Members members, @Reference EventSink events) {
        this(members, events, InstantSource.system(), () -> TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS));
    }

    MemberRollouts(Members members, EventSink events, InstantSource clock, Installation.Pause pause) {
        this.members = members;
        this.events = events;
        this.clock = clock;
        this.pause = pause;
    }

    /** A rollout that is under way ends half-way: who stops a node that leads one is told so. */
    @Deactivate
    synchronized void stop() {
        if (runner != null) {
            runner.interrupt();
        }
    }

    @Override
    public synchronized Optional<Rollout> last() {
        return Optional.ofNullable(last).map(Logbook::view);
    }

    @Override
    public Rollout install(Path file, String first, boolean skipMissing, String who) throws RefusedException {
        Fleet fleet = new Fleet(members, who);
        byte[] jar = read(file);
        take();
        try {
            String begin = first.isEmpty() ? fleet.self() : first;
            List<String> present = present(fleet, skipMissing);
            if (!present.contains(begin)) {
                throw new RefusedException("Nothing was begun: " + begin + " can not be first; it could be one of "
                        + String.join(", ", present));
            }
            Map<String, Answer> profiles = checked(fleet, present, jar);
            Answer profile = profiles.values().iterator().next();
            String plugin = profile.text("name");
            Map<String, String> before = before(fleet, present, plugin);
            List<String> order = new ArrayList<>(present);
            order.remove(begin);
            order.addFirst(begin);
            Logbook book = open(fleet, "install", plugin, profile.text("version"), who);
            alone(fleet, present, book);
            fleet.names().stream()
                    .filter(node -> !present.contains(node))
                    .forEach(node -> book.note(node, Logbook.SKIPPED, "it does not answer"));
            Installation installation = new Installation(fleet, jar, profile.text("hash"), before, order, book, pause);
            synchronized (this) {
                runner = Thread.ofVirtual().name("rollout").start(installation::run);
            }
            return book.view();
        } finally {
            begun();
        }
    }

    private static byte[] read(Path file) throws RefusedException {
        try {
            if (Files.size(file) > Members.LARGEST) {
                throw new RefusedException("Nothing was begun: a jar for all nodes may have "
                        + Members.LARGEST / (1024 * 1024) + " MB at most");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new RefusedException("Nothing was begun: the file can not be read: " + e.getMessage());
        }
    }

    @Override
    public Rollout everywhere(Verb verb, String plugin, String who) throws RefusedException {
        Fleet fleet = new Fleet(members, who);
        take();
        Logbook book;
        Sweep sweep;
        try {
            List<String> present = present(fleet, false);
            Map<String, Answer> before = fleet.ask(present, Call.get("/plugins/" + plugin));
            boolean nowhere = before.values().stream().allMatch(Answer::absent);
            refuse(before, answer -> answer.good() || (answer.absent() && verb == Verb.REMOVE && !nowhere));
            book = open(fleet, verb.name().toLowerCase(Locale.ROOT), plugin, "", who);
            alone(fleet, present, book);
            sweep = new Sweep(fleet, verb, before, book);
        } finally {
            begun();
        }
        try {
            sweep.run();
        } catch (RuntimeException e) {
            book.end(PARTIAL, "it failed: " + e);
            throw e;
        }
        return book.view();
    }

    /** One at a time, also while it is found out whether one can begin. */
    private synchronized void take() throws RefusedException {
        if (beginning || (last != null && last.running())) {
            throw new RefusedException("Nothing was begun: a rollout is under way, which this node leads");
        }
        beginning = true;
    }

    private synchronized void begun() {
        beginning = false;
    }

    private synchronized Logbook open(Fleet fleet, String action, String plugin, String version, String who) {
        String id = UUID.randomUUID().toString().substring(0, 8);
        Logbook book = new Logbook(new Logbook.Title(id, action, plugin, version, who), fleet.names(), events, clock);
        last = book;
        return book;
    }

    /** The nodes that answer and are not led by another one just now. */
    private static List<String> present(Fleet fleet, boolean skipMissing) throws RefusedException {
        Map<String, Answer> answers = fleet.ask(fleet.names(), ROLLOUT);
        List<String> wrong = new ArrayList<>();
        List<String> present = new ArrayList<>();
        answers.forEach((node, answer) -> {
            if (leads(fleet, node, answer)) {
                wrong.add(node + ": leads a rollout of " + answer.text("plugin"));
            } else if (!answer.silent()) {
                present.add(node);
            } else if (!skipMissing) {
                wrong.add(node + ": " + answer.why());
            }
        });
        if (!wrong.isEmpty()) {
            throw new RefusedException("Nothing was begun: not all nodes are ready for it", wrong);
        }
        return present;
    }

    private static boolean leads(Fleet fleet, String node, Answer answer) {
        return !node.equals(fleet.self()) && answer.text("outcome").equals(RUNNING);
    }

    /** Of two that began at the same moment each sees the other now, and nothing was changed yet. */
    private static void alone(Fleet fleet, List<String> nodes, Logbook book) throws RefusedException {
        for (Map.Entry<String, Answer> node : fleet.ask(nodes, ROLLOUT).entrySet()) {
            if (leads(fleet, node.getKey(), node.getValue())) {
                book.end(UNDONE, "node " + node.getKey() + " began one at the same moment");
                throw new RefusedException("Nothing was begun: node " + node.getKey() + " leads a rollout of "
                        + node.getValue().text("plugin"));
            }
        }
    }

    private static Map<String, Answer> checked(Fleet fleet, List<String> nodes, byte[] jar) throws RefusedException {
        Map<String, Answer> profiles = fleet.ask(
                nodes, Call.file("/plugins", jar).with("dryRun", "true").within(TO_CHECK));
        refuse(profiles, Answer::good);
        return profiles;
    }

    private static Map<String, String> before(Fleet fleet, List<String> nodes, String plugin) throws RefusedException {
        Map<String, Answer> answers = fleet.ask(nodes, Call.get("/plugins/" + plugin));
        refuse(answers, answer -> answer.good() || answer.absent());
        Map<String, String> before = new LinkedHashMap<>();
        answers.forEach((node, answer) -> before.put(node, answer.text("hash")));
        return before;
    }

    private static void refuse(Map<String, Answer> answers, Predicate<Answer> good) throws RefusedException {
        List<String> wrong = new ArrayList<>();
        answers.forEach((node, answer) -> {
            if (!good.test(answer)) {
                wrong.add(node + ": " + answer.why());
            }
        });
        if (!wrong.isEmpty()) {
            throw new RefusedException("Nothing was begun: a node refuses", wrong);
        }
    }
}
