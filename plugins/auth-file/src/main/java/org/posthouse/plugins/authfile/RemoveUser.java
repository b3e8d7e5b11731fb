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

/** {@code posthouse user remove}. */
@Component(configurationPid = "auth-file", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class RemoveUser implements Command {
    private final Accounts accounts;

    /** Made by the component runtime. */
    @Activate
    public RemoveUser(AuthFile.Config config) {
        this(new Accounts(config));
    }

    RemoveUser(Accounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public String group() {
        return "user";
    }

    @Override
    public String name() {
        return "remove";
    }

    @Override
    public String help() {
        return "Removes a user.";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.required("name", "The name of the user."));
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        String name = UserEdits.name(arguments.text("name"));
        new UserEdits(accounts).remove(name);
        return Table.says(name + " removed");
    }
}
