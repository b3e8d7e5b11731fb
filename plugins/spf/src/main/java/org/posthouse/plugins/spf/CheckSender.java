// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.Address;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.Dns;

/** {@code posthouse spf check}. */
@Component(configurationPid = "spf", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class CheckSender implements Command {
    private static final String CLIENT = "client";
    private static final String SENDER = "sender";
    private static final String HELO = "helo";

    private final Duration timeout;
    private final int voidLookups;
    private final String receiver;
    private final Dns dns;

    @Activate
    public CheckSender(Spf.Config config, @Reference Dns dns) {
        this.timeout = Duration.ofMillis(config.timeout());
        this.voidLookups = config.voidLookups();
        this.receiver = Client.receiver(config.receiver());
        this.dns = dns;
    }

    @Override
    public String group() {
        return "spf";
    }

    @Override
    public String name() {
        return "check";
    }

    @Override
    public String help() {
        return "Tells what SPF says of mail from a client, whatever is configured to be checked.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.required(CLIENT, "The address of the client."),
                Parameter.required(SENDER, "The reverse-path; <> for none."),
                Parameter.optional(HELO, "What the client says at HELO."));
    }

    @Override
    public boolean changes() {
        return false;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        String helo = Domains.ascii(arguments.optional(HELO).orElse(""));
        Client client = new Client(address(arguments.text(CLIENT)), helo, receiver);
        Address sender = Address.of(arguments.text(SENDER).replaceAll("^<|>$", ""));
        List<Identity> identities = new ArrayList<>();
        if (!helo.isEmpty()) {
            identities.add(Identity.helo(helo));
        }
        if (!sender.isNull()) {
            identities.add(Identity.of(sender, helo));
        }
        long end = System.nanoTime() + timeout.toNanos();
        List<List<String>> rows = identities.stream()
                .map(identity -> row(identity, judge(client, identity, end)))
                .toList();
        return new Table("", List.of("identity", "name", "result", "why", "explanation"), rows);
    }

    private static InetAddress address(String text) throws CommandException {
        try {
            return InetAddress.getByAddress(Network.literal(text));
        } catch (IllegalArgumentException | UnknownHostException e) {
            throw new CommandException("Not an address: " + text);
        }
    }

    private Judgement judge(Client client, Identity identity, long end) {
        Questions questions = new Questions(System::nanoTime, end, voidLookups);
        return new CheckHost(dns, client, identity, questions, InstantSource.system()).run(true);
    }

    private static List<String> row(Identity identity, Judgement judgement) {
        return List.of(
                identity.property(),
                Printed.ascii(identity.toString()),
                judgement.result().word(),
                Printed.ascii(judgement.why()),
                Printed.ascii(judgement.explanation()));
    }
}
