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

/** {@code posthouse user enable}. */
@Component(configurationPid = "auth-file", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class EnableUser implements Command {
    private final Accounts accounts;

    /** Made by the component runtime. */
    @Activate
    public EnableUser(AuthFile.Config config) {
        this(new Accounts(config));
    }

    EnableUser(Accounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public String group() {
        return "user";
    }

    @Override
    public String name() {
        return "enable";
    }

    @Override
    public String help() {
        return "Lets a disabled user in again.";
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
        new UserEdits(accounts).replace(name, user -> user.withDisabled(false));
        return Table.says(name + " is enabled");
    }
}
