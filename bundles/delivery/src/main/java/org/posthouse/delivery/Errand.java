// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.posthouse.api.Content;
import org.posthouse.api.Outcome;
import org.posthouse.api.Recipient;
import org.posthouse.api.Reply;
import org.posthouse.api.Route;
import org.posthouse.api.Sender;
import org.posthouse.api.Verdict.Delivery;
import org.posthouse.api.hook.DeliveryAgent;
import org.posthouse.delivery.client.DamagedContent;
import org.posthouse.delivery.client.Link;
import org.posthouse.delivery.client.Receipt;
import org.posthouse.delivery.client.Shipment;
import org.posthouse.delivery.client.StaleLink;
import org.posthouse.delivery.client.Transaction;
import org.posthouse.delivery.client.Unreached;
import org.posthouse.delivery.route.HopFinder;
import org.posthouse.pipeline.spi.AttemptStage;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.Envelope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One parcel on its way: hooks, connection, transactions, until every recipient has its fate. */
final class Errand {
    private static final Logger LOG = LoggerFactory.getLogger(Errand.class);
    private static final int MOST_REROUTES = 3;
    private static final Reply NO_AGENT = new Reply(451, "4.3.5", "The transport of the route is not there");
    private static final Reply AGENT_FAILED = new Reply(451, "4.3.0", "The transport of the route failed");
    private static final Reply NOT_INTENDED =
            new Reply(451, "4.3.0", "The transport reported a success that it had not announced");

    /** What an errand needs. */
    interface Office {
        AttemptStage attempt(Parcel parcel, Route route, List<Integer> recipients);

        boolean intend(Parcel parcel, List<Integer> recipients);

        boolean shared(Parcel parcel);

        Content content(Envelope envelope);

        HopFinder finder();

        Optional<DeliveryAgent> agent(String name);

        Links links();

        int maxRecipients();
    }

    private final Office office;
    private final Parcel parcel;
    private final Envelope envelope;
    private final Map<Integer, Fate> fates = new LinkedHashMap<>();
    private String unreachable = "";

    Errand(Office office, Parcel parcel) {
        this.office = office;
        this.parcel = parcel;
        this.envelope = parcel.message().envelope();
    }

    /** What became of each recipient, by its number. */
    Map<Integer, Fate> fates() {
        return fates;
    }

    /** Why the site of the parcel can not be reached; empty when it can. */
    String unreachable() {
        return unreachable;
    }

    /** The attempt was cut short: what is known stands, the others wait so long. */
    Map<Integer, Fate> cutShort(Duration pause, String reason) {
        if (!fates.isEmpty()) {
            parcel.recipients().forEach(r -> fates.putIfAbsent(r, new Fate.Delayed(pause, reason)));
        }
        return fates;
    }

    /** Carries the parcel over the connection of its lane. */
    void run(Links links) throws DamagedContent, InterruptedException {
        unreachable = travel(parcel.route(), parcel.recipients(), links, 0);
    }

    private String travel(Route route, List<Integer> recipients, Links links, int reroutes)
            throws DamagedContent, InterruptedException {
        AttemptStage stage = office.attempt(parcel, route, recipients);
        if (!proceeds(stage.before(), recipients, reroutes)) {
            return "";
        }
        Leg leg = new Leg(route, stage, links, reroutes);
        if (!route.agent().equals("smtp") && !route.agent().equals("lmtp")) {
            leg.byAgent(recipients);
            return "";
        }
        try {
            leg.byLink(recipients);
            return "";
        } catch (Unreached e) {
            List<Integer> left =
                    recipients.stream().filter(r -> !fates.containsKey(r)).toList();
            leg.replied(e.reply(), left, new Outcome(e.reply(), e.host(), "", false));
            return e.reply().temporary() ? String.valueOf(e.getMessage()) : "";
        }
    }

    /** Whether a hook lets these recipients go on; else it has decided them. */
    private boolean proceeds(Delivery verdict, List<Integer> recipients, int reroutes)
            throws DamagedContent, InterruptedException {
        switch (verdict) {
            case Delivery.Proceed proceed -> {
                return true;
            }
            case Delivery.Delay delay -> decide(recipients, new Fate.Delayed(delay.pause(), delay.reason()));
            case Delivery.Fail fail -> decide(recipients, new Fate.Done(new Outcome(fail.reply(), "", "", false)));
            case Delivery.Hold hold -> decide(recipients, new Fate.Held(hold.reason()));
            case Delivery.Reroute reroute -> reroute(reroute, recipients, reroutes);
        }
        return false;
    }

    private void reroute(Delivery.Reroute reroute, List<Integer> recipients, int reroutes)
            throws DamagedContent, InterruptedException {
        if (reroutes == MOST_REROUTES) {
            decide(recipients, new Fate.Delayed(Duration.ofMinutes(5), "rerouted in circles: " + reroute.reason()));
            return;
        }
        try (Links own = office.links()) {
            travel(reroute.route(), recipients, own, reroutes + 1);
        }
    }

    private void decide(List<Integer> recipients, Fate fate) {
        recipients.forEach(r -> fates.put(r, fate));
    }

    private List<Recipient> named(List<Integer> numbers) {
        List<Recipient> named = new ArrayList<>(numbers.size());
        numbers.forEach(n -> named.add(envelope.recipients().get(n)));
        return named;
    }

    private static List<Integer> numbers(List<Integer> group, List<Integer> positions) {
        List<Integer> numbers = new ArrayList<>(positions.size());
        positions.forEach(p -> numbers.add(group.get(p)));
        return numbers;
    }

    private boolean eightBit() {
        boolean head = envelope.headEdited() && envelope.head().chars().anyMatch(c -> c > 127);
        return head
                || envelope.body().eightBit()
                || !envelope.body().replacement().isEmpty();
    }

    /** Says to the queue, and through it to other nodes, that recipients of this group are about to be handed over. */
    private final class Announcement implements Shipment.Intent {
        private final List<Integer> group;

        Announcement(List<Integer> group) {
            this.group = group;
        }

        @Override
        public boolean record(List<Integer> positions) {
            return office.intend(parcel, numbers(group, positions));
        }

        @Override
        public boolean asksOthers() {
            return office.shared(parcel);
        }
    }

    /** The way over one route. */
    private final class Leg {
        private final Route route;
        private final AttemptStage stage;
        private final Links links;
        private final int reroutes;

        Leg(Route route, AttemptStage stage, Links links, int reroutes) {
            this.route = route;
            this.stage = stage;
            this.links = links;
            this.reroutes = reroutes;
        }

        /** As the hooks want it that were asked so far, also once the connection stood. */
        private Content content() {
            return stage.content(office.content(envelope));
        }

        void byLink(List<Integer> recipients) throws Unreached, DamagedContent, InterruptedException {
            Link link = links.get(route);
            if (!proceeds(stage.connected(link.label()), recipients, reroutes)) {
                return;
            }
            List<Integer> left = recipients;
            while (!left.isEmpty()) {
                int size = Math.min(left.size(), office.maxRecipients());
                List<Integer> group = List.copyOf(left.subList(0, size));
                List<Integer> again = transact(link, group);
                List<Integer> next = new ArrayList<>(again);
                next.addAll(left.subList(size, left.size()));
                left = next;
                if (!left.isEmpty()) {
                    link = links.get(route);
                }
            }
        }

        /** One transaction; returns who did not find room in it. */
        private List<Integer> transact(Link first, List<Integer> group)
                throws Unreached, DamagedContent, InterruptedException {
            Shipment shipment = new Shipment(
                    envelope.sender(), stage.sender(), named(group), content(), eightBit(), new Announcement(group));
            Link link = first;
            Receipt receipt;
            try {
                receipt = new Transaction(link, shipment).run();
            } catch (StaleLink stale) {
                LOG.debug("{} had gone away", link.label(), stale);
                link = links.renew(route);
                receipt = fresh(link, shipment);
            }
            return read(receipt, group, link);
        }

        private Receipt fresh(Link link, Shipment shipment) throws DamagedContent {
            try {
                return new Transaction(link, shipment).run();
            } catch (StaleLink e) {
                throw new IllegalStateException("A connection that was never used is not stale", e);
            }
        }

        private List<Integer> read(Receipt receipt, List<Integer> group, Link link)
                throws DamagedContent, InterruptedException {
            List<Integer> again = new ArrayList<>();
            Map<Receipt.Line, List<Integer>> byLine = new LinkedHashMap<>();
            for (int i = 0; i < group.size(); i++) {
                Receipt.Line line = receipt.lines().get(i);
                if (line.crowded() && !receipt.withdrawn()) {
                    again.add(group.get(i));
                } else if (receipt.withdrawn() && !line.reply().permanent()) {
                    fates.put(group.get(i), new Fate.Withdrawn());
                } else {
                    byLine.computeIfAbsent(line, l -> new ArrayList<>()).add(group.get(i));
                }
            }
            // What was taken comes first, for the hooks that hear of a refusal may fail.
            for (Receipt.Line line : byLine.keySet()) {
                if (line.reply().positive()) {
                    decide(byLine.get(line), new Fate.Done(outcome(line, link)));
                }
            }
            for (Map.Entry<Receipt.Line, List<Integer>> entry : byLine.entrySet()) {
                Receipt.Line line = entry.getKey();
                replied(line.reply(), entry.getValue(), outcome(line, link));
            }
            return again;
        }

        private static Outcome outcome(Receipt.Line line, Link link) {
            return new Outcome(line.reply(), line.said() ? link.label() : "", link.tls(), line.notifies());
        }

        /** The hooks may change what a refusal means; what was taken is taken. */
        void replied(Reply reply, List<Integer> recipients, Outcome outcome)
                throws DamagedContent, InterruptedException {
            if (reply.positive()) {
                // First of all: whatever goes wrong from here on, it must not be sent again.
                decide(recipients, new Fate.Done(outcome));
                stage.replied(reply);
            } else if (proceeds(stage.replied(reply), recipients, reroutes)) {
                decide(recipients, new Fate.Done(outcome));
            }
        }

        void byAgent(List<Integer> recipients) throws DamagedContent, InterruptedException {
            Optional<DeliveryAgent> agent = office.agent(route.agent());
            if (agent.isEmpty()) {
                decide(recipients, new Fate.Done(new Outcome(NO_AGENT, "", "", false)));
                return;
            }
            Sender sender = envelope.sender();
            AgentBatch batch = new AgentBatch(
                    envelope.id().toString(),
                    new Sender(
                            stage.sender(),
                            sender.declaredSize(),
                            sender.body(),
                            sender.smtpUtf8(),
                            sender.ret(),
                            sender.envelopeId()),
                    named(recipients),
                    content(),
                    positions -> office.intend(parcel, numbers(recipients, positions)));
            List<Outcome> outcomes = carried(agent.get(), batch, recipients.size());
            boolean withdrawn = batch.withdrawn();
            batch.close();
            for (int i = 0; i < recipients.size(); i++) {
                judge(batch, withdrawn, i, recipients.get(i), outcomes.get(i));
            }
        }

        private List<Outcome> carried(DeliveryAgent agent, AgentBatch batch, int wanted) {
            Outcome failed = new Outcome(AGENT_FAILED, "", "", false);
            try {
                List<Outcome> outcomes = agent.carry(batch, route);
                if (outcomes != null
                        && outcomes.size() == wanted
                        && outcomes.stream().allMatch(Objects::nonNull)) {
                    return outcomes;
                }
                LOG.warn("Agent {} gave no outcome for each of {} recipients", route.agent(), wanted);
            } catch (RuntimeException | LinkageError e) {
                LOG.warn("Agent {} failed", route.agent(), e);
            }
            return java.util.Collections.nCopies(wanted, failed);
        }

        private void judge(AgentBatch batch, boolean withdrawn, int position, int recipient, Outcome outcome)
                throws DamagedContent, InterruptedException {
            if (!outcome.reply().positive() && withdrawn && !outcome.reply().permanent()) {
                fates.put(recipient, new Fate.Withdrawn());
                return;
            }
            boolean believed = !outcome.reply().positive() || batch.intended(position);
            Outcome settled = believed ? outcome : new Outcome(NOT_INTENDED, outcome.host(), outcome.tls(), false);
            replied(settled.reply(), List.of(recipient), settled);
        }
    }
}
