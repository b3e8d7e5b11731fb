// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;

/** {@code posthouse user senders}. */
@Component(configurationPid = "auth-file", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class SetSenders implements Command {
    private final Accounts accounts;

    /** Made by the component runtime. */
    @Activate
    public SetSenders(AuthFile.Config config) {
        this(new Accounts(config));
    }

    SetSenders(Accounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public String group() {
        return "user";
    }

    @Override
    public String name() {
        return "senders";
    }

    @Override
    public String help() {
        return "Says as whom a user may send.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.required("name", "The name of the user."),
                Parameter.list("sender", "An address, @domain or *; none is the name itself."));
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        String name = UserEdits.name(arguments.text("name"));
        List<String> senders = UserEdits.senders(arguments.list("sender"));
        new UserEdits(accounts).replace(name, user -> user.withSenders(senders));
        return Table.says(name + " may send as " + (senders.isEmpty() ? "itself" : String.join(", ", senders)));
    }
}
