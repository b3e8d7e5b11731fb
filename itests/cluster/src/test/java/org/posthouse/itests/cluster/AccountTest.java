// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.itests.cluster.Entry.Answer;
import org.posthouse.itests.cluster.Finding.Flaw;

/** The account finds what is planted in a history, names it, and finds nothing else. */
class AccountTest {
    private final Account account = new Account();
    private long now = 1_000_000;

    @Test
    void nothingIsWrongWhereEachRecipientGotItOnce() {
        acknowledged("a", "n1", 2, 1);
        arrived("a", "n1", 0);
        struck(1, Kind.KILL, "n1");
        arrived("a", "n2", 1);
        told("a", "n2", 2);
        drained(1);
        assertEquals(List.of(), account.findings());
        assertEquals(1, account.rounds().size());
        assertEquals(3, account.rounds().getFirst().recipients);
    }

    @Test
    void namesRecipientThatWasLost() {
        acknowledged("a", "n1", 2, 0);
        struck(1, Kind.KILL, "n1");
        arrived("a", "n2", 0);
        drained(1);
        assertFound(1, Flaw.LOST, "r1.a@dst.test of n1");
    }

    @Test
    void saysALossOnce() {
        acknowledged("a", "n1", 1, 0);
        struck(1, Kind.KILL, "n1");
        drained(1);
        acknowledged("b", "n1", 1, 0);
        struck(2, Kind.KILL, "n1");
        arrived("b", "n1", 0);
        drained(2);
        assertFound(1, Flaw.LOST, "r0.a@dst.test of n1");
    }

    @Test
    void namesFailureThatNobodyWasToldOf() {
        acknowledged("a", "n1", 1, 1);
        struck(1, Kind.PAUSE, "n1");
        arrived("a", "n1", 0);
        drained(1);
        assertFound(1, Flaw.UNTOLD, "b1.a@dst.test of n1");
    }

    @Test
    void namesSecondDeliveryThatNoNodeSpokeOf() {
        acknowledged("a", "n1", 1, 0);
        arrived("a", "n1", 0);
        struck(1, Kind.KILL, "n1");
        arrived("a", "n2", 0);
        drained(1);
        assertFound(1, Flaw.DOUBLED_UNSAID, "r0.a@dst.test of n1, seen 2 times");
    }

    @Test
    void forgivesSecondDeliveryThatANodeSpokeOf() {
        acknowledged("a", "n1", 1, 0);
        arrived("a", "n1", 0);
        struck(1, Kind.KILL, "n1");
        arrived("a", "n2", 0);
        doubted("r0.a@dst.test");
        drained(1);
        assertEquals(List.of(), account.findings());
        assertEquals(1, account.rounds().getFirst().doubled);
        assertEquals(1, account.rounds().getFirst().said);
    }

    @Test
    void oneWordForgivesOneSecondDelivery() {
        acknowledged("a", "n1", 1, 0);
        arrived("a", "n1", 0);
        struck(1, Kind.KILL, "n1");
        arrived("a", "n2", 0);
        arrived("a", "n3", 0);
        doubted("r0.a@dst.test");
        drained(1);
        assertFound(1, Flaw.DOUBLED_UNSAID, "r0.a@dst.test of n1, seen 3 times");
        assertEquals(2, account.rounds().getFirst().doubled);
    }

    @Test
    void forgivesNothingThatWasNotInFlight() {
        acknowledged("a", "n1", 1, 0);
        arrived("a", "n1", 0);
        now += 20_000;
        struck(1, Kind.KILL, "n1");
        arrived("a", "n2", 0);
        doubted("r0.a@dst.test");
        drained(1);
        assertEquals(Flaw.DOUBLED_LATE, account.findings().getFirst().flaw());
        assertTrue(account.findings().getFirst().what().contains("r0.a@dst.test"));
    }

    @Test
    void forgivesNothingWhileAllIsWell() {
        acknowledged("a", "n1", 1, 0);
        arrived("a", "n1", 0);
        arrived("a", "n1", 0);
        doubted("r0.a@dst.test");
        struck(1, Kind.KILL, "n1");
        drained(1);
        assertEquals(Flaw.DOUBLED_LATE, account.findings().getFirst().flaw());
    }

    @Test
    void remembersWhatArrivedFaultsAgo() {
        acknowledged("a", "n1", 1, 0);
        struck(1, Kind.KILL, "n1");
        arrived("a", "n1", 0);
        drained(1);
        now += 60_000;
        acknowledged("b", "n1", 1, 0);
        arrived("b", "n1", 0);
        struck(2, Kind.RETURN, "n3");
        arrived("a", "n3", 0);
        drained(2);
        List<Flaw> flaws = account.findings().stream().map(Finding::flaw).toList();
        assertEquals(List.of(Flaw.DOUBLED_LATE, Flaw.DOUBLED_UNSAID), flaws);
        assertEquals(2, account.findings().getFirst().fault());
    }

    @Test
    void namesSecondNotice() {
        acknowledged("a", "n1", 1, 1);
        arrived("a", "n1", 0);
        struck(1, Kind.KILL, "n1");
        told("a", "n1", 1);
        told("a", "n2", 1);
        drained(1);
        assertFound(1, Flaw.DOUBLED_UNSAID, "b1.a@dst.test of n1, seen 2 times");
    }

    @Test
    void forgivesSecondNoticeWhereTheFirstWasInFlightOnceForAllItTellsOf() {
        acknowledged("a", "n1", 1, 2);
        arrived("a", "n1", 0);
        struck(1, Kind.KILL, "n1");
        told("a", "n1", 1, 2);
        told("a", "n2", 1, 2);
        doubted("s.a@src.test");
        drained(1);
        assertEquals(List.of(), account.findings());
        acknowledged("b", "n1", 1, 0);
        arrived("b", "n1", 0);
        struck(2, Kind.KILL, "n1");
        told("a", "n2", 1, 2);
        drained(2);
        assertEquals(
                List.of(Flaw.DOUBLED_UNSAID, Flaw.DOUBLED_UNSAID),
                account.findings().stream().map(Finding::flaw).toList());
    }

    @Test
    void namesFailureToldOfARecipientThatIsTaken() {
        acknowledged("a", "n1", 1, 0);
        struck(1, Kind.KILL, "n1");
        arrived("a", "n1", 0);
        told("a", "n2", 0);
        drained(1);
        assertFound(1, Flaw.TOLD_WRONG, "r0.a@dst.test by n2");
    }

    @Test
    void namesWhatWasRefusedAndArrivedAllTheSame() {
        sent("a", "n1", 1, 0);
        account.take(new Entry.Answered(now++, "a", Answer.REFUSED, "451 4.3.2 later"));
        struck(1, Kind.CUT, "n1");
        arrived("a", "n1", 0);
        drained(1);
        assertFound(1, Flaw.GHOST, "r0.a@dst.test of n1");
    }

    @Test
    void whatWasNotAnsweredMayArriveOrNot() {
        sent("a", "n1", 1, 0);
        account.take(new Entry.Answered(now++, "a", Answer.NONE, ""));
        sent("b", "n1", 1, 0);
        struck(1, Kind.KILL, "n1");
        arrived("b", "n1", 0);
        drained(1);
        assertEquals(List.of(), account.findings());
    }

    @Test
    void namesWhatNobodySent() {
        arrived("x", "n1", 0);
        assertFound(0, Flaw.UNSENT, "x arrived");
    }

    @Test
    void namesQueueThatIsStuckAndLooksForItsMailAfterTheNextFault() {
        acknowledged("a", "n1", 1, 0);
        struck(1, Kind.CUT, "n1");
        account.take(new Entry.Stuck(now++, 1, "n3", "1 messages"));
        assertFound(1, Flaw.STUCK, "n3: 1 messages");
        assertEquals(1, account.unfinished());
        struck(2, Kind.KILL, "n1");
        drained(2);
        assertEquals(Flaw.LOST, account.findings().getLast().flaw());
        assertEquals(2, account.findings().getLast().fault());
    }

    @Test
    void forgivesLossOfADiskThatAloneHadItAsTheReplySaid() {
        sent("a", "n1", 1, 0);
        account.take(new Entry.Answered(now++, "a", Answer.ACKNOWLEDGED, "250 2.0.0 queued as X copies=1"));
        acknowledged("b", "n1", 1, 0);
        struck(1, Kind.REPLACE, "n1");
        drained(1);
        assertFound(1, Flaw.LOST, "r0.b@dst.test of n1");
        assertEquals(1, account.rounds().getFirst().alone);
    }

    @Test
    void measuresTakeoverByWhatAnotherNodeDelivers() {
        acknowledged("a", "n1", 2, 0);
        acknowledged("b", "n2", 1, 0);
        struck(1, Kind.KILL, "n1");
        now += 5_000;
        arrived("b", "n2", 0);
        now += 7_000;
        arrived("a", "n3", 0);
        now += 1_000;
        arrived("a", "n3", 1);
        drained(1);
        long takeover = account.rounds().getFirst().takeover;
        assertTrue(takeover >= 12_000 && takeover < 12_100, takeover + " ms");
    }

    @Test
    void anEndOfTheDriverIsAFaultOfItsOwnThatBeganWithTheOneBefore() {
        acknowledged("a", "n1", 1, 0);
        arrived("a", "n1", 0);
        struck(1, Kind.PAUSE, "n1");
        now += 30_000;
        account.take(new Entry.Broken(now++, 0));
        arrived("a", "n1", 0);
        doubted("r0.a@dst.test");
        drained(0);
        assertEquals(List.of(), account.findings());
        assertEquals(0, account.last());
    }

    @Test
    void whatArrivedRightBeforeTheDriverWasEndedWasPerhapsNotConfirmed() {
        acknowledged("a", "n1", 2, 0);
        arrived("a", "n1", 0);
        now += 3_000;
        arrived("a", "n1", 1);
        account.take(new Entry.Broken(now++, 0));
        arrived("a", "n1", 0, 1);
        drained(0);
        assertFound(0, Flaw.DOUBLED_UNSAID, "r0.a@dst.test of n1, seen 2 times");
    }

    private void acknowledged(String letter, String node, int good, int bad) {
        sent(letter, node, good, bad);
        account.take(
                new Entry.Answered(now++, letter, Answer.ACKNOWLEDGED, "250 2.0.0 queued as " + letter + " copies=2"));
    }

    private void sent(String letter, String node, int good, int bad) {
        account.take(new Entry.Sent(now++, letter, node, good, bad));
    }

    private void arrived(String letter, String by, Integer... recipients) {
        account.take(new Entry.Arrived(now++, letter, by, List.of(recipients)));
    }

    private void told(String letter, String by, Integer... failed) {
        account.take(new Entry.Told(now++, letter, by, List.of(failed)));
    }

    private void doubted(String address) {
        account.take(new Entry.Doubted(now++, "n2", address));
    }

    private void struck(int fault, Kind kind, String... nodes) {
        account.take(new Entry.Struck(now++, fault, kind, List.of(nodes), kind.words));
    }

    private void drained(int fault) {
        account.take(new Entry.Healed(now++, fault));
        account.take(new Entry.Drained(now++, fault));
    }

    private void assertFound(int fault, Flaw flaw, String what) {
        assertEquals(List.of(new Finding(fault, flaw, what)), account.findings());
    }
}
