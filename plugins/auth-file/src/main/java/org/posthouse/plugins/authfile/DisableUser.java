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

/** {@code posthouse user disable}. */
@Component(configurationPid = "auth-file", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class DisableUser implements Command {
    private final Accounts accounts;

    /** Made by the component runtime. */
    @Activate
    public DisableUser(AuthFile.Config config) {
        this(new Accounts(config));
    }

    DisableUser(Accounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public String group() {
        return "user";
    }

    @Override
    public String name() {
        return "disable";
    }

    @Override
    public String help() {
        return "Lets a user in no more, and send no more; everything else is kept.";
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
        new UserEdits(accounts).replace(name, user -> user.withDisabled(true));
        return Table.says(name + " is disabled");
    }
}
