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

/** {@code posthouse user add}. */
@Component(configurationPid = "auth-file", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class AddUser implements Command {
    private final Accounts accounts;

    /** Made by the component runtime. */
    @Activate
    public AddUser(AuthFile.Config config) {
        this(new Accounts(config));
    }

    AddUser(Accounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public String group() {
        return "user";
    }

    @Override
    public String name() {
        return "add";
    }

    @Override
    public String help() {
        return "Adds a user.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.required("name", "The name of the user."),
                Parameter.secret("password", "The password of the user."),
                Parameter.list("sender", "An address, @domain or * the user may send as; none is the name itself."),
                Parameter.flag("no-scram", "Keep no keys for SCRAM-SHA-256."));
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        UserEdits edits = new UserEdits(accounts);
        String name = UserEdits.name(arguments.text("name"));
        List<String> senders = UserEdits.senders(arguments.list("sender"));
        String password = edits.password(arguments.text("password"));
        ScramRecord scram = arguments.flag("no-scram") ? null : ScramRecord.of(password, accounts.iterations());
        edits.add(new User(name, Hash.of(password, accounts.cost()), scram, senders, false));
        return Table.says(name + " added");
    }
}
