// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ServiceScope;
import org.posthouse.api.Address;
import org.posthouse.api.BodyType;
import org.posthouse.api.Event;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;
import org.posthouse.api.service.Outbox;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.spi.Intake;
import org.posthouse.spool.spi.Draft;
import org.posthouse.spool.spi.Envelope;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.State;
import org.posthouse.telemetry.spi.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mail of one bundle: committed unjudged, like notices, so that no hook can hold up the hook that sends; the queue
 * hooks are asked before its first dispatch.
 */
@Component(service = Outbox.class, scope = ServiceScope.BUNDLE)
public final class PluginOutbox implements Outbox {
    private static final Logger LOG = LoggerFactory.getLogger(PluginOutbox.class);

    private final StateHouse house;
    private final EventSink events;
    private final String owner;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile @Nullable Spool spool;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile @Nullable Intake intake;

    @Activate
    public PluginOutbox(@Reference StateHouse house, @Reference EventSink events, ComponentContext context) {
        this(house, events, StateHouse.owner(context), null, null);
    }

    PluginOutbox(StateHouse house, EventSink events, String owner, @Nullable Spool spool, @Nullable Intake intake) {
        this.house = house;
        this.events = events;
        this.owner = owner;
        this.spool = spool;
        this.intake = intake;
    }

    @Override
    public String submit(Address sender, List<Address> recipients, byte[] message) throws IOException {
        byte[] octets = message.clone();
        Letter.check(sender, recipients, octets);
        HookScope scope = HookScope.of(owner);
        if (scope != null) {
            house.withheld(scope, "outbox", octets.length + " octets from <" + sender + "> to " + recipients);
            return MessageId.next().toString();
        }
        Spool into = spool;
        Intake gate = intake;
        if (into == null || gate == null) {
            throw new IOException("The queue is not open");
        }
        Intake.Readiness readiness = gate.readiness();
        if (!readiness.open()) {
            throw new IOException("The queue takes no mail now: " + readiness.reason());
        }
        return commit(into, gate, sender, recipients, octets);
    }

    private String commit(Spool into, Intake gate, Address sender, List<Address> recipients, byte[] octets)
            throws IOException {
        MessageId id = MessageId.next();
        Draft draft = into.draft(id);
        try {
            draft.write(octets, 0, octets.length);
            Envelope envelope = envelope(id, draft.finish(), sender, recipients, octets);
            Intake.Receipt receipt =
                    gate.accept(List.of(new Sealed.Admission(envelope, State.UNJUDGED, envelope.received())), draft);
            if (!receipt.accepted()) {
                throw new IOException("The queue has too few copies of message " + id);
            }
        } catch (IOException | RuntimeException e) {
            draft.close();
            throw e;
        }
        LOG.info(
                "Message {} of {} octets from plugin {} to {} recipients", id, octets.length, owner, recipients.size());
        events.publish(Event.of(Event.Type.RECEPTION)
                .with("listener", "internal")
                .with("plugin", owner)
                .with("id", id.toString())
                .with("sender", sender.toString())
                .with("recipients", recipients.size())
                .with("size", octets.length)
                .build());
        return id.toString();
    }

    private static Envelope envelope(
            MessageId id, Envelope.BodyRef body, Address sender, List<Address> recipients, byte[] octets) {
        BodyType type = body.eightBit() ? BodyType.EIGHT_BIT : BodyType.SEVEN_BIT;
        boolean utf8 = sender.international()
                || recipients.stream().anyMatch(Address::international)
                || Letter.international(octets, body.headLength());
        return new Envelope(
                id,
                Instant.now(),
                Envelope.Origin.INTERNAL,
                new Sender(sender, -1, type, utf8, "", ""),
                recipients.stream().map(Recipient::of).toList(),
                Envelope.Routing.PLAIN,
                "",
                "",
                false,
                body,
                Map.of(),
                "");
    }
}
