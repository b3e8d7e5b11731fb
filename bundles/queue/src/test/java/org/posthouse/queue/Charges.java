// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.posthouse.api.Address;
import org.posthouse.pipeline.spi.Sealed;
import org.posthouse.queue.spi.Holdings;
import org.posthouse.queue.spi.Intake;
import org.posthouse.queue.spi.Ledger;
import org.posthouse.queue.spi.Parcel;
import org.posthouse.spool.spi.Change.Step;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.spool.spi.State;

/** What tests of a custodian need: a queue that asks one, and what it is told about messages. */
final class Charges {
    private Charges() {}

    /** A queue that asks this custodian. */
    static House clustered(FakeCustodian custodian) {
        return clustered(custodian, new FakeSpool());
    }

    static House clustered(FakeCustodian custodian, FakeSpool spool) {
        House house = new House(spool, House.QUICK);
        house.depot.bindCustodian(custodian);
        house.start();
        return house;
    }

    /** A message that was in transit when its node died, and what that left on disk. */
    record Killed(MessageId id, FakeSpool spool) {}

    static Killed killedInTransit(FakeCustodian custodian, String... recipients) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        House house = clustered(custodian);
        house.script = House.deliverAfter(never);
        MessageId id = house.accept(recipients);
        House.await("all are in transit", () -> house.state(id, recipients.length - 1) == State.IN_TRANSIT);
        FakeSpool left = house.spool.afterPowerLoss();
        never.countDown();
        house.close();
        return new Killed(id, left);
    }

    static CompletableFuture<Intake.Receipt> accepting(House house, Sealed.Admission admission) {
        CompletableFuture<Intake.Receipt> receipt = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                receipt.complete(house.intake.accept(List.of(admission), null));
            } catch (SpoolException e) {
                receipt.completeExceptionally(e);
            }
        });
        return receipt;
    }

    static Sealed.Admission held(House house) {
        Sealed.Admission admission = house.admission("a@one.example");
        return new Sealed.Admission(admission.envelope(), State.HELD, admission.due());
    }

    static Step.Custody custody(List<Step> steps, MessageId id) {
        return steps.stream()
                .filter(Step.Custody.class::isInstance)
                .map(Step.Custody.class::cast)
                .filter(c -> c.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    static String text(Step.Custody custody) {
        return new String(custody.octets(), StandardCharsets.US_ASCII);
    }

    static void settle(House house, Parcel parcel, MessageId notice) {
        Progress now = parcel.message().progress().get(0).attempted();
        Sealed.Admission admission = new Sealed.Admission(
                House.envelope(notice, Address.NULL, List.of("alice@example.org")), State.UNJUDGED, house.depot.now());
        try {
            house.ledger.settle(
                    parcel,
                    List.of(now.to(State.FAILED, now.due(), "550 5.1.1 no", "host")),
                    List.of(new Ledger.Notice(admission, new FakeSpool.FakeDraft(notice))));
        } catch (SpoolException e) {
            throw new AssertionError(e);
        }
    }

    static Progress progress(int recipient, State state, long epoch, long sequence) {
        Instant now = Times.whole(Instant.now());
        return new Progress(recipient, state, epoch, sequence, 0, now, "", "", now);
    }

    static Holdings.Holding copy(MessageId id, FakeSpool.FakeDraft draft, Progress progress) {
        return new Holdings.Holding(
                id,
                FakeCustodian.record("COPY"),
                List.of(progress),
                false,
                new Holdings.Copy(
                        House.envelope(id, Address.of("alice@example.org"), List.of("a@one.example")), draft));
    }

    static Holdings.Holding holding(MessageId id, String record, boolean ours, Progress progress) {
        return new Holdings.Holding(id, FakeCustodian.record(record), List.of(progress), ours, null);
    }

    static void keep(SpoolHoldings holdings, Holdings.Holding... all) {
        try {
            holdings.keep(List.of(all));
        } catch (SpoolException e) {
            throw new AssertionError(e);
        }
    }
}
