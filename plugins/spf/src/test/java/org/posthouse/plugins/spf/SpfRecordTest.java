// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SpfRecordTest {
    private static SpfRecord parse(String terms) throws SpfException {
        return SpfRecord.parse("v=spf1 " + terms);
    }

    private static List<Result> results(String terms) throws SpfException {
        return parse(terms).directives().stream().map(Directive::result).toList();
    }

    @Test
    void knowsItsVersion() {
        assertTrue(SpfRecord.is("v=spf1"));
        assertTrue(SpfRecord.is("V=SpF1 -all"));
        assertFalse(SpfRecord.is("v=spf10 -all"));
        assertFalse(SpfRecord.is("v=spf1\t-all"));
        assertFalse(SpfRecord.is(" v=spf1 -all"));
        assertFalse(SpfRecord.is("v=spf"));
    }

    @Test
    @Timeout(20)
    void takesNoSquareOfTimeForALongRecord() {
        String letters = "a".repeat(200_000);
        assertThrows(SpfException.class, () -> parse("a:x." + letters + "!"));
        assertThrows(SpfException.class, () -> parse("a:x.-" + "-".repeat(200_000) + "!"));
        assertThrows(SpfException.class, () -> parse("ip6:" + ":".repeat(200_000) + "g"));
    }

    @Test
    void tellsInFewWordsWhatIsWrong() {
        Judgement judgement = new Judgement(Result.PERMERROR, "no domain: " + "a".repeat(60_000));
        assertTrue(judgement.why().length() <= 200, judgement::why);
    }

    @Test
    void readsQualifiers() throws SpfException {
        assertEquals(
                List.of(Result.PASS, Result.PASS, Result.NEUTRAL, Result.SOFTFAIL, Result.FAIL),
                results("a +mx  ?ptr ~all -ALL "));
    }

    @Test
    void readsLengthsOfBothFamilies() throws SpfException {
        Directive directive = parse("A:mail.example.org/24//64").directives().get(0);
        Mechanism.A a = assertInstanceOf(Mechanism.A.class, directive.mechanism());
        assertEquals(new Mechanism.Near(24, 64), a.near());
        assertTrue(a.domain().isPresent());
    }

    @Test
    void takesASlashInsideADomainForPartOfIt() throws SpfException {
        Mechanism.Mx mx = assertInstanceOf(
                Mechanism.Mx.class,
                parse("mx:foo:bar/24.example.org/8").directives().get(0).mechanism());
        assertEquals(new Mechanism.Near(8, 128), mx.near());
        assertEquals(
                "foo:bar/24.example.org",
                mx.domain()
                        .orElseThrow()
                        .domain(letter -> {
                            throw new AssertionError(letter);
                        })
                        .orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ip4:192.0.2.1",
                "ip4:0.0.0.0/0",
                "ip4:255.255.255.255/32",
                "ip6:2001:db8::/32",
                "ip6:::1",
                "ip6:::/0",
                "ip6:::ffff:192.0.2.1/128",
                "a//0",
                "a/0//0",
                "mx/32//128",
                "exists:%{ir}.%{v}._spf.%{d2}",
                "include:%{d}",
                "a:example.xn--zckzah",
                "a:example.org.",
                "a:x.3com",
                "a:macro%%percent%_%_space%-url-space.example.org",
                "redirect=_spf.example.org",
                "exp=%{l}.exp.example.org",
                "moo.cow-far_out=man:dog/cat",
                "default=+",
                "x=",
                "x=%{t}"
            })
    void takes(String term) throws SpfException {
        int modifiers = term.contains("=") ? 1 : 0;
        assertEquals(2, parse(term + " -all").directives().size() + modifiers);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "moo",
                "-",
                "+ip4",
                "ip4:",
                "ip4:1.2.3",
                "ip4:1.2.3.256",
                "ip4:01.2.3.4",
                "ip4:1.2.3.4/33",
                "ip4:1.2.3.4/032",
                "ip4:1.2.3.4/",
                "ip4:1.2.3.4//32",
                "ip4:1.2.3.4:8080",
                "ip4:1.2.3.4\n",
                "ip4=1.2.3.4 ip4",
                "ip6",
                "ip6:",
                "ip6:::1/129",
                "ip6:::1//33",
                "ip6:::1/0128",
                "ip6::1::2",
                "ip6:1::2::3",
                "ip6:00001::",
                "ip6:fe80::1%eth0",
                "ip6:[::1]",
                "ip6:1.2.3.4",
                "all.",
                "all:x.org",
                "all/8",
                "a:",
                "a/",
                "a/33",
                "a//129",
                "a/24/64",
                "a//64/24",
                "a/024",
                "a/24\n",
                "a:museum",
                "a:museum.",
                "a:foo-bar",
                "a:1.2.3.4",
                "a:abc.123",
                "a:example.-com",
                "a:example.com-",
                "a:example.org:8080",
                "a:example.org/24/64",
                "a:foo.example.org\0",
                "a:\u00fcber.example.org",
                "a:%{d}x",
                "a:%{d}.",
                "a:%{z}.example.org",
                "a:%{d0}.example.org",
                "a:%{d2!}.example.org",
                "a:%{d",
                "a:%(d).example.org",
                "a:x%.example.org",
                "a:%{c}.example.org",
                "a:ctrl.example.org\rptr",
                "include",
                "include:",
                "include:x.example.org/24",
                "exists",
                "exists:x.example.org//64",
                "ptr/0",
                "ptr:",
                "redirect=",
                "redirect:x.example.org",
                "redirect=-all",
                "redirect=a.example.org redirect=a.example.org",
                "exp=",
                "exp=-all",
                "exp=%{r}.example.org",
                "exp=a.example.org exp=a.example.org",
                "-exp=a.example.org",
                "x=%abc",
                "1up=foo",
                "=all",
                "moo.cow/far_out=man",
                "moo.cow:far_out=man"
            })
    void refuses(String terms) {
        SpfException refusal = assertThrows(SpfException.class, () -> parse(terms + " -all"));
        assertEquals(Result.PERMERROR, refusal.result());
    }
}
