// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.outside.daemon.Endpoint;

final class TermsTest {
    @Test
    void linesOfTheConfigurationAreUnderstood() {
        Terms usual =
                new Terms("", new Endpoint.Unix("/x"), Duration.ZERO, Duration.ZERO, Duration.ZERO, Down.TEMPFAIL);
        Terms terms = Terms.parse(
                "unix:/run/opendkim/opendkim.sock name=opendkim connectTimeout=500ms commandTimeout=9s contentTimeout=2m whenDown=accept",
                endpoint -> new Terms("", endpoint, usual.connect(), usual.command(), usual.content(), usual.down()));
        assertEquals(
                new Terms(
                        "opendkim",
                        new Endpoint.Unix("/run/opendkim/opendkim.sock"),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(9),
                        Duration.ofMinutes(2),
                        Down.ACCEPT),
                terms);
        assertThrows(IllegalArgumentException.class, () -> Terms.parse("/x name=opendkim", endpoint -> usual));
    }

    @Test
    void anAddressMayBeWrittenAsSendmailDoes() {
        for (String text : List.of("inet:8891@127.0.0.1", "8891@127.0.0.1", "127.0.0.1:8891")) {
            List<Endpoint> read = new ArrayList<>();
            Terms.parse(text, endpoint -> {
                read.add(endpoint);
                return new Terms("", endpoint, Duration.ZERO, Duration.ZERO, Duration.ZERO, Down.TEMPFAIL);
            });
            assertEquals(List.of(new Endpoint.Tcp("127.0.0.1", 8891)), read, text);
        }
    }
}
