// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.Address;
import org.posthouse.testkit.service.SettableClock;

final class SrsTest {
    private static final String OLD = "the secret of last year";
    private static final String NEW = "the secret of this year";

    private final SettableClock clock = SettableClock.at(Instant.parse("2026-11-25T12:00:00Z"));
    private final Srs srs = new Srs("srs.example.org", new Secrets(NEW, OLD), 21, clock);

    private static Address valid(Srs.Reversed reversed) {
        return assertInstanceOf(Srs.Reversed.Valid.class, reversed).original();
    }

    private void isForged(Address address) {
        assertTrue(srs.claims(address), address.toString());
        assertInstanceOf(Srs.Reversed.Invalid.class, srs.reverse(address), address.toString());
    }

    private Address rewritten(String sender) {
        return srs.rewrite(Address.of(sender)).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "anna@example.net",
                "Anna.B+tag=x=y@example.net",
                "prvs=1234abcdef=anna@example.net",
                "\"a b\"@example.net",
                "\"a\\\"b\\\\c\"@example.net",
                "anna@[192.0.2.1]",
                "anna@[IPv6:2001:db8::1]",
                "größe@bücher.example",
                "SRS2=is=nothing@example.net"
            })
    void findsTheWayBack(String sender) {
        Address address = rewritten(sender);
        assertEquals("srs.example.org", address.domain());
        assertTrue(srs.claims(address));
        assertEquals(Address.of(sender), valid(srs.reverse(address)));
    }

    @Test
    void quotesThatWereNotNeededAreNotKept() {
        assertEquals(Address.of("anna@example.net"), valid(srs.reverse(rewritten("\"anna\"@example.net"))));
    }

    @Test
    void hasTheFormThatOtherForwardersKnow() {
        String local = rewritten("anna@example.net").local();
        assertTrue(local.matches("SRS0=[A-Z2-7]{6}=[A-Z2-7]{2}=example\\.net=anna"), local);
    }

    @Test
    void survivesAHostThatChangesCase() {
        Address lower = Address.of(rewritten("anna@example.net").toString().toLowerCase(Locale.ROOT));
        assertEquals(Address.of("anna@example.net"), valid(srs.reverse(lower)));
    }

    @Test
    void namesTheFirstForwarderHoweverManyThereAre() {
        Srs second = new Srs("second.example", new Secrets("a secret of the second"), 21, clock);
        Srs third = new Srs("third.example", new Secrets("a secret of the third one"), 21, clock);
        Address first = rewritten("anna@example.net");
        Address two = second.rewrite(first).orElseThrow();
        Address three = third.rewrite(two).orElseThrow();
        assertTrue(
                two.local().matches("SRS1=\\w{6}=srs\\.example\\.org==\\w{6}=\\w\\w=example\\.net=anna"), two.local());
        assertTrue(three.local().matches("SRS1=\\w{6}=srs\\.example\\.org==.*"), three.local());
        assertEquals(first, valid(third.reverse(three)));
        assertEquals(first, valid(second.reverse(two)));
        assertEquals(Address.of("anna@example.net"), valid(srs.reverse(valid(third.reverse(three)))));
    }

    @Test
    void takesNoHostFromAnotherForwarderThatIsNone() {
        for (String host : new String[] {"a>b", "a<b", "a b", "a@b", "a\\\"b"}) {
            Address odd = Address.of("\"SRS1=abcd=" + host + "==rest\"@first.example");
            Address ours = srs.rewrite(odd).orElseThrow();
            assertTrue(ours.local().startsWith("\"SRS0="), ours.local());
            assertEquals(odd, valid(srs.reverse(ours)));
        }
    }

    @Test
    void keepsTheSeparatorOfAnotherForwarder() {
        Address two = srs.rewrite(Address.of("SRS0+abcd=KT=example.net=anna@first.example"))
                .orElseThrow();
        assertEquals(Address.of("SRS0+abcd=KT=example.net=anna@first.example"), valid(srs.reverse(two)));
    }

    @Test
    void doesNotRewriteItsOwn() {
        Address own = rewritten("anna@example.net");
        assertEquals(Optional.of(own), srs.rewrite(own));
    }

    @Test
    void refusesWhatItDidNotWrite() {
        Address good = rewritten("anna@example.net");
        isForged(new Address(good.local().replace("anna", "bert"), good.domain()));
        isForged(new Address(good.local().replace("example.net", "example.com"), good.domain()));
        isForged(new Srs("srs.example.org", new Secrets("a secret that is not ours"), 21, clock)
                .rewrite(Address.of("anna@example.net"))
                .orElseThrow());
        for (String local : new String[] {
            "SRS0=",
            "SRS0=x",
            "srs0=AAAAAA=AA=example.net=anna",
            "SRS0=AAAAAA=AA=example.net=",
            "SRS1=AAAAAA=first==x",
            "SRS1=x",
            "SRS0==AA=example.net=anna",
            "SRS0=AAAAAA=\u00e9!=example.net=anna"
        }) {
            isForged(new Address(local, "srs.example.org"));
        }
    }

    @Test
    void claimsNothingElse() {
        for (String other :
                new String[] {"anna@srs.example.org", "SRS0=a=b=c=d@example.org", "SRS02=x@srs.example.org"}) {
            assertFalse(srs.claims(Address.of(other)), other);
        }
        assertFalse(new Srs("", new Secrets(), 21, clock).claims(Address.of("SRS0=a=b=c=d")));
    }

    @Test
    void expires() {
        Address address = rewritten("anna@example.net");
        clock.pass(Duration.ofDays(21));
        valid(srs.reverse(address));
        clock.pass(Duration.ofDays(1));
        isForged(address);
    }

    @Test
    void takesOneFromANodeWhoseClockIsAhead() {
        SettableClock ahead = SettableClock.at(clock.instant().plus(Duration.ofHours(13)));
        Address address = new Srs("srs.example.org", new Secrets(NEW), 21, ahead)
                .rewrite(Address.of("anna@example.net"))
                .orElseThrow();
        valid(srs.reverse(address));
    }

    @Test
    void secretsCanBeReplacedInPeace() {
        Address before = new Srs("srs.example.org", new Secrets(OLD), 21, clock)
                .rewrite(Address.of("anna@example.net"))
                .orElseThrow();
        assertEquals(Address.of("anna@example.net"), valid(srs.reverse(before)));
        assertFalse(before.equals(rewritten("anna@example.net")), "the first signs");
        Srs after = new Srs("srs.example.org", new Secrets(NEW), 21, clock);
        assertInstanceOf(Srs.Reversed.Invalid.class, after.reverse(before));
    }

    @Test
    void refusesAShortSecret() {
        assertThrows(IllegalArgumentException.class, () -> new Secrets("short"));
    }

    @Test
    void hasNoReversePathForOneThatIsTooLong() {
        assertEquals(Optional.empty(), srs.rewrite(Address.of("a".repeat(64) + "@" + "b".repeat(180) + ".example")));
    }
}
