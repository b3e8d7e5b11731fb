// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthouse.mailauth.domain.DomainName;

final class SuffixesTest {
    private final Suffixes suffixes = new Suffixes();

    @Test
    void knowsTheDomainThatSomebodyRegistered() {
        assertEquals(Optional.of("example.co.uk"), suffixes.registrable("a.b.EXAMPLE.co.uk."));
        assertEquals(Optional.of("alice.github.io"), suffixes.registrable("www.alice.github.io"));
        assertEquals(Optional.of("x.unlisted"), suffixes.registrable("y.x.unlisted"));
        assertEquals(Optional.empty(), suffixes.registrable("co.uk"));
        assertEquals(Optional.empty(), suffixes.registrable("a..b"));
    }

    @Test
    void knowsWhatIsListed() {
        for (String listed : List.of("com", "co.uk", "gov", "github.io", "foo.ck")) {
            assertTrue(suffixes.lists(listed), listed);
        }
        for (String other : List.of("example.com", "example", "unlisted", "bank.example", "www.ck", "a.github.io")) {
            assertFalse(suffixes.lists(other), other);
        }
    }

    /** What stands in the folder of classes is what is packed; on the class path of a test the libraries would do as well. */
    @Test
    void isInTheJarOfThePlugin() {
        for (String resource : List.of(
                "/org/publicsuffix/list/effective_tld_names.dat",
                "/org/apache/hc/client5/http/psl/PublicSuffixMatcher.class",
                "/org/apache/hc/client5/http/utils/DnsUtils.class",
                "/org/apache/hc/core5/util/Args.class",
                "/org/apache/hc/core5/util/TextUtils.class")) {
            assertEquals("file", Suffixes.class.getResource(resource).getProtocol(), resource);
        }
    }

    @Test
    void agreesWithTheSuite() throws IOException {
        List<String> wrong = new ArrayList<>();
        int asked = 0;
        for (JsonNode one : Suite.read("psl_unit").get("cases")) {
            JsonNode registrable = one.get("registrable");
            Optional<String> expected =
                    registrable.isNull() ? Optional.empty() : DomainName.ascii(registrable.textValue());
            Optional<String> got = suffixes.registrable(one.get("domain").textValue());
            if (!got.equals(expected)) {
                wrong.add(one + " got " + got);
            }
            asked++;
        }
        assertEquals(List.of(), wrong);
        assertTrue(asked > 0);
    }
}
