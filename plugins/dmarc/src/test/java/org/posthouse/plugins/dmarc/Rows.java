// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.List;
import org.posthouse.plugins.dmarc.Discovery.Applicable.Published;

/** Rows and records for the tests of reports. */
final class Rows {
    private Rows() {}

    static Published published(String domain, String tags) {
        return new Published(domain, PolicyRecord.parse("v=DMARC1; " + tags).orElseThrow());
    }

    static Row from(String source) {
        return new Row(
                source,
                Policy.QUARANTINE,
                false,
                true,
                List.of(new Ruling.Reason("local_policy", "quarantine only")),
                "mail.example.org",
                "bounce.example.org",
                new Identifiers(
                        new Identifiers.Spf("bounce.example.org", "pass"),
                        List.of(
                                new Identifiers.Dkim("example.net", "k1", "pass"),
                                new Identifiers.Dkim("example.org", "k2", "permerror"))));
    }
}
