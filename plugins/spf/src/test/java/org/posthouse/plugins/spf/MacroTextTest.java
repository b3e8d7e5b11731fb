// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MacroTextTest {
    private static final Map<Character, String> VALUES = Map.of(
            's', "strong-bad@email.example.com",
            'l', "strong-bad",
            'o', "email.example.com",
            'd', "email.example.com",
            'i', "192.0.2.3",
            'v', "in-addr",
            'h', "mail box&1",
            'p', "mx.example.org");

    private static Optional<String> value(char letter) {
        return Optional.ofNullable(VALUES.get(letter));
    }

    private static String domain(String text) throws SpfException {
        return MacroText.parse(text, MacroText.Use.DOMAIN)
                .domain(MacroTextTest::value)
                .orElseThrow();
    }

    /** The examples of RFC 7208 7.4, and what they leave out. */
    @ParameterizedTest
    @CsvSource({
        "%{s},strong-bad@email.example.com",
        "%{o},email.example.com",
        "%{d},email.example.com",
        "%{d4},email.example.com",
        "%{d3},email.example.com",
        "%{d2},example.com",
        "%{d1},com",
        "%{d0127},email.example.com",
        "%{d99999999999},email.example.com",
        "%{dr},com.example.email",
        "%{d2r},example.email",
        "%{d2R},example.email",
        "%{l},strong-bad",
        "%{l-},strong.bad",
        "%{lr},strong-bad",
        "%{lr-},bad.strong",
        "%{l1r-},strong",
        "%{ir}.%{v}._spf.%{d2},3.2.0.192.in-addr._spf.example.com",
        "%{lr-}.lp._spf.%{d2},bad.strong.lp._spf.example.com",
        "%{lr-}.lp.%{ir}.%{v}._spf.%{d2},bad.strong.lp.3.2.0.192.in-addr._spf.example.com",
        "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2},3.2.0.192.in-addr.strong.lp._spf.example.com",
        "%{d2}.trusted-domains.example.net,example.com.trusted-domains.example.net",
        "x.%{H}.org,x.mail%20box%261.org",
        "a%%b%_c%-d.example.org,a%b c%20d.example.org",
    })
    void expands(String text, String domain) throws SpfException {
        assertEquals(domain, domain(text));
    }

    @Test
    void cutsLabelsOnTheLeftOfWhatIsTooLong() throws SpfException {
        String label = "x".repeat(40);
        String name = String.join(".", label, label, label, label, label, label, "example", "org");
        assertEquals(name.substring(label.length() + 1), domain(name));
        assertTrue(domain("%{d}.".repeat(10_000) + "example.org").length() <= 253);
    }

    @Test
    void hasNoDomainWhereAMacroHasNoValue() throws SpfException {
        MacroText text = MacroText.parse("%{l}.example.org", MacroText.Use.DOMAIN);
        assertEquals(Optional.empty(), text.domain(letter -> Optional.empty()));
    }

    @Test
    void keepsSpacesOfExplanations() throws SpfException {
        MacroText text = MacroText.parse("%{i}  is not one of %{d}'s", MacroText.Use.EXPLANATION);
        assertEquals(
                Optional.of("192.0.2.3  is not one of email.example.com's"), text.explanation(MacroTextTest::value));
    }
}
