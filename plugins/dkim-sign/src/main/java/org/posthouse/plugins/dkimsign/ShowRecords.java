// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dkimsign;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;
import org.posthouse.api.service.Dns;
import org.posthouse.mailauth.dkim.SigningKey;
import org.posthouse.mailauth.keys.KeptKey;

/** {@code posthouse dkim dns}. */
@Component(configurationPid = "dkim-sign", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ShowRecords implements Command {
    private final Keyring keyring;
    private final Dns dns;

    /** Made by the component runtime. */
    @Activate
    public ShowRecords(DkimSign.Config config, @Reference Dns dns) {
        this(config, dns, Clock.systemUTC());
    }

    ShowRecords(DkimSign.Config config, Dns dns, Clock clock) {
        this.keyring = Keyring.of(config, clock);
        this.dns = dns;
    }

    @Override
    public String group() {
        return "dkim";
    }

    @Override
    public String name() {
        return "dns";
    }

    @Override
    public String help() {
        return "Shows the records that must be in DNS for the keys of a domain, and what DNS says now.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.required("domain", "The domain."),
                Parameter.optional("selector", "One of its selectors; all when it is left out."));
    }

    @Override
    public boolean changes() {
        return false;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        String domain = Names.domain(arguments.text("domain"));
        String only = arguments.optional("selector").orElse("");
        try {
            List<SigningKey> signing = keyring.of(domain);
            List<List<String>> rows = new ArrayList<>();
            for (KeptKey kept : keyring.folder().of(domain)) {
                if (only.isEmpty() || kept.file().selector().equals(only)) {
                    rows.add(row(kept, signing));
                }
            }
            if (rows.isEmpty()) {
                throw new CommandException("There is no such key in "
                        + keyring.folder().path() + ": posthouse dkim generate " + domain + " SELECTOR");
            }
            return Table.of(List.of("name", "type", "value", "signs", "dns"), rows);
        } catch (IOException | DamagedKeysException e) {
            throw new CommandException("The keys can not be read: " + e.getMessage());
        }
    }

    private List<String> row(KeptKey kept, List<SigningKey> signing) {
        String name = kept.file().selector() + "._domainkey." + kept.file().domain();
        if (kept.key().isEmpty()) {
            return List.of(name, "TXT", "", "no", kept.damage());
        }
        try {
            TextRecord record = TextRecord.of(kept.key().get());
            boolean signs = signing.stream().anyMatch(key -> key.name().equals(name));
            return List.of(name, "TXT", record.strings(), signs ? "yes" : "no", record.compared(dns));
        } catch (GeneralSecurityException e) {
            return List.of(name, "TXT", "", "no", String.valueOf(e.getMessage()));
        }
    }
}
