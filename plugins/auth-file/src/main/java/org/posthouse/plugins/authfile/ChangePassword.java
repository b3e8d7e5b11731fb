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

/** {@code posthouse user passwd}. */
@Component(configurationPid = "auth-file", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ChangePassword implements Command {
    private final Accounts accounts;

    /** Made by the component runtime. */
    @Activate
    public ChangePassword(AuthFile.Config config) {
        this(new Accounts(config));
    }

    ChangePassword(Accounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public String group() {
        return "user";
    }

    @Override
    public String name() {
        return "passwd";
    }

    @Override
    public String help() {
        return "Gives a user a new password.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.required("name", "The name of the user."), Parameter.secret("password", "The new password."));
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        UserEdits edits = new UserEdits(accounts);
        String name = UserEdits.name(arguments.text("name"));
        String password = edits.password(arguments.text("password"));
        Hash hash = Hash.of(password, accounts.cost());
        ScramRecord scram = ScramRecord.of(password, accounts.iterations());
        // Who has no keys for SCRAM gets none; old keys would let the old password in.
        edits.rehash(name, hash, user -> user.withPassword(hash, user.scram() == null ? null : scram));
        return Table.says(name + " has a new password");
    }
}
