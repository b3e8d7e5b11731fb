// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.delivery.client.Addresses;
import org.posthouse.delivery.client.Dialer;
import org.posthouse.delivery.client.PlainHosts;
import org.posthouse.delivery.client.StalledWrites;
import org.posthouse.delivery.client.Timeouts;
import org.posthouse.delivery.notice.TestNotices;
import org.posthouse.delivery.route.TestRoutes;
import org.posthouse.queue.spi.Lane;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.queue.spi.Planner;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;

/**
 * By hand: {@code OutboundHarness PORT MX-PORT SINK-PORT} takes mail on a port, keeps it in memory and delivers it, so that
 * black-box suites for delivery can be run against this bundle alone.
 */
public final class OutboundHarness {
    private final Fakes.MemorySpool spool = new Fakes.MemorySpool();
    private final Map<MessageId, Map<Integer, Progress>> records = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final TestRoutes routes = TestRoutes.of(new FakeDns(), Set.of("us.test"));
    private final Ledger ledger = new MemoryLedger();
    private final Courier courier;

    private OutboundHarness() {
        DeliveryMeters meters = new DeliveryMeters(new SimpleMeterRegistry());
        Dialer dialer = new Dialer(
                new Addresses(new FakeDns(), true),
                Timeouts.STANDARD,
                null,
                "us.test",
                false,
                new PlainHosts(Duration.ofMinutes(10)),
                new StalledWrites(Duration.ofMinutes(3)));
        this.courier = new Courier(
                new Fakes.PlainPipeline(),
                spool,
                ledger,
                dialer,
                routes.finder(),
                routes.book(),
                new Aftermath(ledger, TestNotices.builder(spool, "us.test"), e -> {}, meters),
                meters,
                new Courier.Policy(100, 100, 1000, Duration.ofSeconds(5), Duration.ofMinutes(1)));
    }

    public static void main(String[] args) throws IOException {
        OutboundHarness harness = new OutboundHarness();
        harness.routes.add("remote", "smtp://127.0.0.1:" + args[1], "remote.test");
        harness.routes.add("local", "smtp://127.0.0.1:" + args[2], "local.test");
        try (ServerSocket server = new ServerSocket(Integer.parseInt(args[0]), 100, InetAddress.getLoopbackAddress())) {
            while (true) {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> harness.serve(socket));
            }
        }
    }

    private void serve(Socket accepted) {
        try (Socket socket = accepted) {
            InputStream in = new BufferedInputStream(socket.getInputStream(), 65536);
            OutputStream out = socket.getOutputStream();
            say(out, "220 us.test");
            String mail = "";
            List<Recipient> recipients = new ArrayList<>();
            while (true) {
                String line = line(in);
                String verb = line.substring(0, Math.min(4, line.length())).toUpperCase(Locale.ROOT);
                switch (verb) {
                    case "EHLO" -> say(out, "250-us.test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 DSN");
                    case "MAIL" -> {
                        mail = line;
                        recipients.clear();
                        say(out, "250 ok");
                    }
                    case "RCPT" -> {
                        recipients.add(new Recipient(path(line), parameter(line, "NOTIFY"), parameter(line, "ORCPT")));
                        say(out, "250 ok");
                    }
                    case "DATA" -> {
                        say(out, "354 go");
                        accept(mail, recipients, body(in));
                        say(out, "250 taken");
                    }
                    case "QUIT" -> {
                        say(out, "221 bye");
                        return;
                    }
                    default -> say(out, "250 ok");
                }
            }
        } catch (IOException e) {
            System.err.println("Session ended: " + e);
        }
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c;
        while ((c = in.read()) != '\n') {
            if (c < 0) {
                throw new IOException("closed");
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.UTF_8).stripTrailing();
    }

    private static byte[] body(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes("Received: from client by us.test\r\n".getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int c = in.read();
            line.write(c);
            if (c == '\n') {
                byte[] octets = line.toByteArray();
                line.reset();
                if (octets.length == 3 && octets[0] == '.') {
                    return all.toByteArray();
                }
                int from = octets[0] == '.' ? 1 : 0;
                all.write(octets, from, octets.length - from);
            }
        }
    }

    private static Address path(String line) {
        return Address.of(line.substring(line.indexOf('<') + 1, line.lastIndexOf('>')));
    }

    private static String parameter(String line, String name) {
        for (String word : line.substring(line.lastIndexOf('>')).split(" ")) {
            if (word.toUpperCase(Locale.ROOT).startsWith(name + "=")) {
                return word.substring(name.length() + 1);
            }
        }
        return "";
    }

    private void accept(String mail, List<Recipient> recipients, byte[] octets) {
        boolean eightBit = false;
        for (byte b : octets) {
            eightBit |= b < 0;
        }
        BodyType type = parameter(mail, "BODY").equals("8BITMIME") ? BodyType.EIGHT_BIT : BodyType.SEVEN_BIT;
        Sender sender = new Sender(
                path(mail), -1, type, mail.contains("SMTPUTF8"), parameter(mail, "RET"), parameter(mail, "ENVID"));
        Spool.Stored stored = Fakes.stored(sender, octets.length, eightBit, recipients.toArray(Recipient[]::new));
        spool.octets.put(stored.envelope().id(), octets);
        enter(stored.envelope());
    }

    private void enter(Envelope envelope) {
        Map<Integer, Progress> progress = new ConcurrentHashMap<>();
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < envelope.recipients().size(); i++) {
            progress.put(i, Progress.initial(i, State.QUEUED, Instant.now()));
            all.add(i);
        }
        records.put(envelope.id(), progress);
        Thread.ofVirtual().start(() -> dispatch(envelope, all));
    }

    private void dispatch(Envelope envelope, List<Integer> numbers) {
        Map<Integer, Progress> progress = records.get(envelope.id());
        Spool.Stored stored = new Spool.Stored(
                envelope, progress.keySet().stream().sorted().map(progress::get).toList());
        Planner.Plan plan = routes.planner("us.test").plan(stored, numbers);
        for (Planner.Load load : plan.loads()) {
            Parcel parcel = new Parcel(stored, load.site(), load.route(), load.recipients());
            Thread.ofVirtual().start(() -> courier.carry(new OneParcel(parcel)));
        }
        if (!plan.settled().isEmpty()) {
            List<Integer> settled =
                    plan.settled().stream().map(Planner.Settled::recipient).toList();
            Planner.Site site = new Planner.Site("", "");
            courier.conclude(new Parcel(stored, site, routes.none(), settled), plan.settled());
        }
    }

    /** A lane for one parcel. */
    private static final class OneParcel implements Lane {
        private final Parcel parcel;
        private boolean taken;

        OneParcel(Parcel parcel) {
            this.parcel = parcel;
        }

        @Override
        public Planner.Site site() {
            return parcel.site();
        }

        @Override
        public Parcel next(Duration idle) {
            Parcel next = taken ? null : parcel;
            taken = true;
            return next;
        }

        @Override
        public void unreachable(Duration pause, String why) {
            System.err.println("unreachable for " + pause + ": " + why);
        }
    }

    /** Records in memory; what is deferred is dispatched again. */
    private final class MemoryLedger implements Ledger {
        @Override
        public boolean intend(Parcel parcel, List<Integer> recipients) {
            return true;
        }

        @Override
        public void settle(Parcel parcel, List<Progress> next, List<Notice> notices) {
            Envelope envelope = parcel.message().envelope();
            for (Progress progress : next) {
                records.get(envelope.id()).put(progress.recipient(), progress);
                if (!progress.state().ended()) {
                    again(envelope, List.of(progress.recipient()), progress.due());
                }
            }
            notices.forEach(n -> enter(n.admission().envelope()));
        }

        @Override
        public void giveBack(Parcel parcel, Instant due) {
            again(parcel.message().envelope(), parcel.recipients(), due);
        }

        private void again(Envelope envelope, List<Integer> numbers, Instant due) {
            long millis = Math.max(0, Duration.between(Instant.now(), due).toMillis());
            clock.schedule(
                    () -> Thread.ofVirtual().start(() -> dispatch(envelope, numbers)), millis, TimeUnit.MILLISECONDS);
        }

        @Override
        public Optional<Instant> nextAttempt(Spool.Stored message, int attempts, Instant now) {
            return Optional.of(now.plusSeconds(3));
        }
    }
}
