// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.io.IOException;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;

/** {@code posthouse user list}. */
@Component(configurationPid = "auth-file", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ListUsers implements Command {
    private final Accounts accounts;

    /** Made by the component runtime. */
    @Activate
    public ListUsers(AuthFile.Config config) {
        this(new Accounts(config));
    }

    ListUsers(Accounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public String group() {
        return "user";
    }

    @Override
    public String name() {
        return "list";
    }

    @Override
    public String help() {
        return "Lists the users, and the lines that mean none.";
    }

    @Override
    public boolean changes() {
        return false;
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        Users users;
        try {
            users = accounts.file().users();
        } catch (IOException e) {
            throw new CommandException("The file of users can not be read: " + e.getMessage());
        }
        List<List<String>> rows = users.byName().values().stream()
                .map(user -> List.of(
                        user.name(),
                        user.disabled() ? "disabled" : "enabled",
                        user.scram() == null ? "no" : "yes",
                        user.senders().isEmpty() ? "itself" : String.join(", ", user.senders())))
                .toList();
        return new Table(String.join("; ", users.damage()), List.of("name", "state", "scram", "senders"), rows);
    }
}
