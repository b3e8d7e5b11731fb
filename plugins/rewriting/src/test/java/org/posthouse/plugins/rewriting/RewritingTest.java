// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rewriting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Address;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Stage;
import org.posthouse.testkit.FakeSession;
import org.posthouse.testkit.FakeTransaction;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.SettableClock;

final class RewritingTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private Rewriting plugin(Object... pairs) {
        List<Object> settings = new ArrayList<>(List.of("canonicalFile", "", "sendersFile", "", "recipientsFile", ""));
        settings.addAll(List.of(pairs));
        return new Rewriting(
                Settings.of(Rewriting.Config.class, settings.toArray()), meters, SettableClock.at(Instant.EPOCH));
    }

    private static FakeTransaction.Builder ours() {
        return FakeTransaction.at(Stage.QUEUE)
                .in(FakeSession.with().trusted())
                .needs(Need.EDIT_SENDER, Need.EDIT_RECIPIENTS, Need.EDIT_HEADERS)
                .from("anna@old.test");
    }

    private static List<Edit> edits(Rewriting plugin, FakeTransaction.Builder described) {
        FakeTransaction tx = described.build();
        plugin.onQueue(tx, tx.message());
        return tx.edits();
    }

    private static String[] list(String... texts) {
        return texts;
    }

    @Test
    void rewritesEnvelopeAndFields() {
        assertEquals(
                List.of(
                        new Edit.ChangeSender(Address.of("anna@new.test")),
                        new Edit.RemoveRecipient(Address.of("bert@old.test")),
                        new Edit.AddRecipient(Recipient.of(Address.of("bert@new.test"))),
                        new Edit.ChangeHeader("From", 1, "Anna <anna@new.test>"),
                        new Edit.ChangeHeader("to", 1, "bert@new.test")),
                edits(
                        plugin("canonical", list("*@old.test -> *@new.test")),
                        ours().to("bert@old.test", "carl@other.test")
                                .headers("From: Anna <anna@old.test>", "to: bert@old.test", "X-To: bert@old.test")));
        assertEquals(
                1,
                meters.counter("posthouse.rewritten", "where", "header-sender").count());
    }

    @Test
    void allRecipientsLeaveBeforeOneComesToTheAddressOfAnother() {
        Recipient info = new Recipient(Address.of("info@old.test"), "SUCCESS,DELAY", "rfc822;info@elsewhere.test");
        assertEquals(
                List.of(
                        new Edit.RemoveRecipient(Address.of("info@old.test")),
                        new Edit.RemoveRecipient(Address.of("anna@old.test")),
                        new Edit.AddRecipient(new Recipient(
                                Address.of("anna@old.test"), "SUCCESS,DELAY", "rfc822;info@elsewhere.test")),
                        new Edit.AddRecipient(Recipient.of(Address.of("anna@host.old.test")))),
                edits(
                        plugin(
                                "recipients",
                                list("info@old.test -> anna@old.test", "anna@old.test -> anna@host.old.test")),
                        ours().to(List.of(info, Recipient.of(Address.of("anna@old.test"))))));
    }

    @Test
    void eachPartCanBeSwitchedOff() {
        FakeTransaction.Builder mail = ours().to("bert@old.test").headers("From: anna@old.test", "To: bert@old.test");
        String[] parts = {"envelopeSender", "envelopeRecipients", "headerSenders", "headerRecipients"};
        for (int kept = 0; kept < parts.length; kept++) {
            List<Object> settings = new ArrayList<>(List.of("canonical", list("*@old.test -> *@new.test")));
            for (int i = 0; i < parts.length; i++) {
                settings.addAll(List.of(parts[i], i == kept));
            }
            int expected = parts[kept].equals("envelopeRecipients") ? 2 : 1;
            assertEquals(expected, edits(plugin(settings.toArray()), mail).size(), parts[kept]);
        }
    }

    @Test
    void keepsEverythingAroundAnAddress() {
        String value =
                "\r\n =?UTF-8?Q?Gr=C3=BC=C3=9Fe?= (a comment, old.test)\r\n\t<anna@old.test>,\r\n  \"B, @old.test\""
                        + "  <b@other.test>,c@old.test";
        assertEquals(
                List.of(new Edit.ChangeHeader(
                        "From",
                        1,
                        "\r\n =?UTF-8?Q?Gr=C3=BC=C3=9Fe?= (a comment, old.test)\r\n\t<anna@new.test>,\r\n  \"B, @old.test\""
                                + "  <b@other.test>,c@new.test")),
                edits(
                        plugin("canonical", list("*@old.test -> *@new.test"), "envelopeSender", false),
                        ours().headers("From:" + value)));
    }

    @Test
    void changesTheFieldThatItMeans() {
        assertEquals(
                List.of(new Edit.ChangeHeader("Cc", 3, "a@new.test")),
                edits(
                        plugin("canonical", list("a@old.test -> a@new.test"), "envelopeSender", false),
                        ours().headers("Cc: x@y.test", "CC: z@y.test", "Cc: a@old.test")));
    }

    @Test
    void leavesAFieldWhoseOctetsAreNoText() {
        Header latin1 = new Header(
                "From",
                new String(
                        "From: Gr\u00fc\u00dfe <anna@old.test>\r\n".getBytes(StandardCharsets.ISO_8859_1),
                        StandardCharsets.ISO_8859_1));
        assertEquals(Optional.empty(), FieldText.rewritten(latin1, a -> Address.of("x@y.test")));
        Header utf8 = new Header(
                "From",
                new String(
                        "From: Gr\u00fc\u00dfe <anna@old.test>\r\n".getBytes(StandardCharsets.UTF_8),
                        StandardCharsets.ISO_8859_1));
        assertEquals(Optional.of("Gr\u00fc\u00dfe <x@y.test>"), FieldText.rewritten(utf8, a -> Address.of("x@y.test")));
    }

    @Test
    void leavesAFieldThatHoldsWhatTheServerDoesNotWrite() {
        for (String odd : List.of("\0", "\r", "\n", "\r\nX: ", "\r\r\n ")) {
            Header field = new Header("From", "From: An" + odd + "na\r\n <anna@old.test>\r\n");
            assertEquals(Optional.empty(), FieldText.rewritten(field, a -> Address.of("x@y.test")));
        }
    }

    @Test
    void foldsWhereALineWouldBeTooLong() {
        String name = "n".repeat(960);
        assertEquals(
                Optional.of(name + " <\r\n anna.bertha.carla.dorothea@new.test>"),
                FieldText.rewritten(
                        new Header("From", "From: " + name + " <a@b.test>\r\n"),
                        a -> Address.of("anna.bertha.carla.dorothea@new.test")));
    }

    @Test
    void thoseOfOneSideComeFirst() {
        Rewriting plugin = plugin(
                "senders", list("anna@old.test -> sales@old.test"),
                "recipients", list("anna@old.test -> office@old.test"),
                "canonical", list("*@old.test -> *@new.test"));
        assertEquals(
                List.of(
                        new Edit.ChangeSender(Address.of("sales@new.test")),
                        new Edit.RemoveRecipient(Address.of("anna@old.test")),
                        new Edit.AddRecipient(Recipient.of(Address.of("office@new.test"))),
                        new Edit.ChangeHeader("Reply-To", 1, "sales@new.test"),
                        new Edit.ChangeHeader("To", 1, "office@new.test")),
                edits(plugin, ours().to("anna@old.test").headers("Reply-To: anna@old.test", "To: anna@old.test")));
    }

    @Test
    void hidesHostsButNotThoseOfRecipientsAndOfListedUsers() {
        Rewriting plugin = plugin("masquerade", list("example.test"), "masqueradeExcept", list("Root"));
        assertEquals(
                List.of(
                        new Edit.ChangeSender(Address.of("anna@example.test")),
                        new Edit.ChangeHeader("From", 1, "anna@example.test"),
                        new Edit.ChangeHeader("To", 1, "b@example.test, root@a.example.test, c@notexample.test")),
                edits(
                        plugin,
                        ours().from("anna@host.example.test")
                                .to("b@x.example.test")
                                .headers(
                                        "From: anna@host.example.test",
                                        "To: b@x.example.test, root@a.example.test, c@notexample.test")));
        assertEquals(List.of(), edits(plugin, ours().from("root@host.example.test")));
    }

    @Test
    void leavesNoticesAndSignedReversePathsAlone() {
        Rewriting plugin = plugin("canonical", list("*@* -> *@new.test"), "masquerade", list("test"));
        for (String from : List.of("", "postmaster", "SRS0=AAAAAA=AA=example.org=anna@srs.test")) {
            assertEquals(List.of(), edits(plugin, ours().from(from)), from);
        }
    }

    @Test
    void leavesTheFieldsOfStrangersUnlessTold() {
        FakeTransaction.Builder mail = ours().in(FakeSession.with()).headers("From: anna@old.test");
        String[] mapping = list("*@old.test -> *@new.test");
        assertEquals(
                List.of(new Edit.ChangeSender(Address.of("anna@new.test"))), edits(plugin("canonical", mapping), mail));
        assertEquals(
                2, edits(plugin("canonical", mapping, "headersOf", "all"), mail).size());
    }

    @Test
    void hasNoOpinionAsShipped() {
        assertEquals(List.of(), edits(plugin(), ours().to("a@b.test").headers("From: anna@old.test")));
    }

    @Test
    void refusesAMasqueradeWithAStar() {
        assertThrows(IllegalArgumentException.class, () -> plugin("masquerade", list("*.test")));
    }
}
