// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import java.util.List;
import java.util.Set;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;
import org.posthouse.testkit.FakeAttempt;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;

/** Mail to ask a hook about, of the kinds that plugins forget. */
enum Sample {
    OURS("from a machine of ours") {
        @Override
        FakeSession.Builder session() {
            return FakeSession.with()
                    .listener("feeder", "relay")
                    .peer("127.0.0.1")
                    .trusted();
        }
    },
    STRANGER("from a stranger") {
        @Override
        FakeSession.Builder session() {
            return FakeSession.with().peer("192.0.2.77").helo("mail.example.com");
        }
    },
    USER("from an authenticated user") {
        @Override
        FakeSession.Builder session() {
            return FakeSession.with()
                    .listener("submission", "submission")
                    .peer("2001:db8::5")
                    .tls("TLSv1.3 TLS_AES_256_GCM_SHA384")
                    .user("anna");
        }
    },
    NOTICE("a notice without sender, header and body") {
        @Override
        FakeSession.Builder session() {
            return FakeSession.with().peer("198.51.100.9").plainHelo("[198.51.100.9]");
        }

        @Override
        FakeTransaction.Builder mail(FakeTransaction.Builder tx) {
            return tx.from("").to("postmaster");
        }
    };

    private final String text;

    Sample(String text) {
        this.text = text;
    }

    /** Where it comes from. */
    abstract FakeSession.Builder session();

    /** What is sent. */
    FakeTransaction.Builder mail(FakeTransaction.Builder tx) {
        return tx.from("anna@Example.ORG")
                .to("bert@example.net", "\"c d\"@example.net", "post@bücher.example")
                .headers(
                        "Received: from x by y; Mon, 5 Jan 2026 12:00:00 +0000",
                        "From: Anna <anna@example.org>",
                        "To: bert@example.net,\r\n\tc@example.net",
                        "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=",
                        "X-Empty:")
                .body("Hello\r\n.\r\n\u00fc without a charset, and no end of line");
    }

    /** The transaction, as a hook with these needs sees it at this stage. */
    FakeTransaction at(Stage stage, Set<Need> needs) {
        return mail(FakeTransaction.at(stage).in(session()).needs(needs.toArray(Need[]::new)))
                .score("SAMPLE", 1.5)
                .build();
    }

    /** The session before there is a transaction. */
    FakeSession session(Set<Need> needs) {
        return session().needs(needs.toArray(Need[]::new)).build();
    }

    /** The attempt to deliver it. */
    FakeAttempt attempt(Set<Need> needs) {
        return FakeAttempt.with()
                .needs(needs.toArray(Need[]::new))
                .host("mx.example.net [192.0.2.9]")
                .build();
    }

    static List<Sample> all() {
        return List.of(values());
    }

    @Override
    public String toString() {
        return text;
    }
}
