// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.List;
import org.posthouse.api.operator.Arguments;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.CommandException;
import org.posthouse.api.operator.Table;

/** A command {@code user NAME} that changes something and answers what the given work says. */
public record FakeCommand(String name, List<Parameter> parameters, Work work) implements Command {
    /** {@code user add ADDRESS}, with a password, groups and a flag. */
    public static final List<Parameter> ADD = List.of(
            Parameter.required("address", "The address of the user."),
            Parameter.secret("password", "The password."),
            Parameter.list("may-send-as", "Another address."),
            Parameter.optional("tenant", "The tenant."),
            Parameter.flag("disabled", "Whether the user starts disabled."));

    /** What the command does. */
    @FunctionalInterface
    public interface Work {
        Table run(Arguments arguments) throws CommandException;
    }

    @Override
    public String group() {
        return "user";
    }

    @Override
    public String help() {
        return "Does " + name + " to a <user>.";
    }

    @Override
    public boolean changes() {
        return !name.equals("list");
    }

    @Override
    public Table run(Arguments arguments) throws CommandException {
        return work.run(arguments);
    }
}
