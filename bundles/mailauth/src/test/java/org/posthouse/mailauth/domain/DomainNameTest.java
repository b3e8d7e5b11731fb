// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DomainNameTest {
    @ParameterizedTest
    @CsvSource({
        "Example.ORG, example.org",
        "example.org., example.org",
        "_dmarc.example.org, _dmarc.example.org",
        "BÜCHER.example, xn--bcher-kva.example",
        "faß.de, xn--fa-hia.de",
        "βόλος.com, xn--nxasmm1c.com",
        "пример.испытание, xn--e1afmkfd.xn--80akhbyknj4f",
        "例え。テスト, xn--r8jz45g.xn--zckzah",
        "ｅｘａｍｐｌｅ．org, example.org",
        "उदाहरण.परीक्षा, xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g",
        "u\u0308ber.example, xn--ber-goa.example",
        "bank.example\u200b, bank.example",
        "b\u00ada\u2060n\ufeffk.exa\ufe0fmple\ufe00, bank.example",
        "b\u200b\u00fccher.example, xn--bcher-kva.example",
        "FAẞ.de, xn--fa-hia.de",
        "ΒΌΛΟΣ.com, xn--nxasmq6b.com",
        "İ.example, xn--i-9bb.example",
        "ı.example, xn--cfa.example",
        "\u1fb3.example, xn--mxaq.example",
        "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com, xn--mgba3gch31f060k.com",
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3.com, xn--10cl1a0b660p.com",
    })
    void writesALabels(String text, String ascii) {
        assertEquals(Optional.of(ascii), DomainName.ascii(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "a..b",
                "a b.test",
                "a/b.test",
                "a\u200db.test",
                "a\u200cb.test",
                "\u200c.test",
                "\u0627\u200c\u06cc.test",
                "\u0646\u0627\u0645\u0647\u200d\u0627\u06cc.test",
                "[192.0.2.1]",
                "a*b.test",
                "\u200b.test",
                "a\u2028.test",
                "ä/ö.test",
                "a\u0000.test"
            })
    void refusesWhatIsNoDomain(String text) {
        assertEquals(Optional.empty(), DomainName.ascii(text));
    }

    @Test
    void refusesWhatIsTooLong() {
        assertEquals(Optional.empty(), DomainName.ascii("a".repeat(64) + ".test"));
        assertEquals(Optional.empty(), DomainName.ascii("ü".repeat(63) + ".test"));
        assertEquals(Optional.empty(), DomainName.ascii("a.".repeat(200) + "test"));
    }

    @Test
    void standsBelowItsParentsAlone() {
        assertTrue(DomainName.within("a.test", "a.test"));
        assertTrue(DomainName.within("b.a.test", "a.test"));
        assertFalse(DomainName.within("ba.test", "a.test"));
        assertFalse(DomainName.within("a.test", "b.a.test"));
    }
}
