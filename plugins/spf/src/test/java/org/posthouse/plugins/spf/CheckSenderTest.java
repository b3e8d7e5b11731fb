// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.CommandException;
import org.posthouse.testkit.Settings;
import org.posthouse.testkit.service.FakeDns;

final class CheckSenderTest {
    private final FakeDns dns = new FakeDns()
            .txt("example.org", "v=spf1 a -all exp=why.example.org")
            .txt("why.example.org", "not %{c}");
    private final CheckSender command = new CheckSender(Settings.of(Spf.Config.class, "timeout", 20_000L), dns);

    private List<List<String>> check(String client, String sender, String helo) throws CommandException {
        return command.run(Arguments.of(
                        Map.of("client", List.of(client), "sender", List.of(sender), "helo", List.of(helo))))
                .rows();
    }

    @Test
    void tellsResultsOfBothIdentities() throws CommandException {
        assertEquals(
                List.of(
                        List.of("helo", "postmaster@mail.example.org", "none", "", ""),
                        List.of("mailfrom", "anna@example.org", "fail", "-all", "not 192.0.2.7")),
                check("192.0.2.7", "<anna@example.org>", "mail.example.org"));
    }

    @Test
    void tellsTheResultOfHeloAloneWithoutAReversePath() throws CommandException {
        assertEquals(
                List.of(List.of("helo", "postmaster@example.org", "fail", "-all", "not 2001:db8::7")),
                check("2001:db8::7", "<>", "example.org"));
    }

    @Test
    void refusesWhatIsNoAddress() {
        assertThrows(CommandException.class, () -> check("mail.example.org", "<>", "example.org"));
    }
}
