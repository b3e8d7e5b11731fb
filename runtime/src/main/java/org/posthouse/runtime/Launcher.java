// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.posthouse.runtime.cli.OfferedCommands;
import org.posthouse.runtime.cli.OperatorCommands;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Step 1 of 9: reads the command line, and for {@code serve} boots the engine, waits, and exits with a status.
 *
 * <p>Exit status: 0 after a stop that was asked for, 2 for a wrong command line, 78 for a configuration that is refused
 * (EX_CONFIG of sysexits.h), 75 for a server that was to be started anew and could not be (EX_TEMPFAIL), 1 for everything
 * else. What bundles learn of the command line: {@link org.posthouse.config.spi.LaunchProperties}. An
 * engine bundle that can not go on stops the system bundle (number 0): the process then ends with status 1.
 *
 * <p>Step 2 is {@code org.posthouse.smtp.Listener}, once the framework has started its bundle.
 */
@Command(
        name = "posthouse",
        description = "A mail transfer agent whose policy is made of plugins.",
        subcommands = {ServeCommand.class, ConfigCommands.class, VersionCommand.class},
        versionProvider = VersionCommand.Text.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Plugins bring further commands, such as user and rule; they need a running server.",
            "Exit status: 0 when it went well, 2 for a wrong command line, 78 for a refused configuration, 75 for a server",
            "that was to be started anew and could not be, 1 otherwise."
        })
public final class Launcher implements Callable<Integer> {
    /** The command line is wrong. */
    static final int USAGE = 2;

    /** The command that becomes the server. */
    static final String SERVE = "serve";

    /** Something failed. */
    static final int FAILED = 1;

    /** The server has stopped to be started anew; a status only when it is not. */
    static final int ANEW = 75;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final HelpOption help = new HelpOption();

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Prints the version.")
    private boolean version;

    /** Runs the command and ends the JVM with its status. */
    public static void main(String[] arguments) {
        boolean serves = arguments.length > 0 && arguments[0].equals(SERVE);
        int status = execute(serves ? server() : commandLine(), arguments);
        if (serves && status == ANEW) {
            // Everything is closed by now. This thread becomes the new process.
            String why =
                    Successor.ofServer(Home.fromSystem(), List.of(arguments)).takeOver();
            System.err.println("posthouse: the server is not started anew: " + why);
        }
        System.exit(status);
    }

    /** Runs a command of ours, or of a plugin when the first word is none of ours. */
    static int execute(CommandLine line, String... arguments) {
        CommandLine group = arguments.length == 0 ? line : line.getSubcommands().get(arguments[0]);
        boolean ours = group == null ? !OfferedCommands.mayBe(arguments[0]) : OperatorCommands.knows(group, arguments);
        return ours ? line.execute(arguments) : new OfferedCommands(line.getOut(), line.getErr()).run(arguments);
    }

    /** All commands. */
    static CommandLine commandLine() {
        CommandLine line = server();
        OperatorCommands.all().forEach(group -> line.addSubcommand(group.getCommandName(), group));
        return line;
    }

    /** The commands that need no running server: reading the others would cost each start a tenth of a second. */
    static CommandLine server() {
        CommandLine line = new CommandLine(new Launcher());
        line.setParameterExceptionHandler((wrong, arguments) -> usage(wrong));
        line.setExecutionExceptionHandler((failure, command, arguments) -> failed(command.getErr(), failure));
        return line;
    }

    /** One clear line; the full usage only when asked for. */
    private static int usage(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        command.getErr()
                .println("posthouse: " + reason(wrong) + " (see '"
                        + command.getCommandSpec().qualifiedName() + " --help')");
        return USAGE;
    }

    private static String reason(ParameterException wrong) {
        if (wrong instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
            return "unknown command or argument: " + String.join(" ", unmatched.getUnmatched());
        }
        return String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong command line");
    }

    private static int failed(PrintWriter err, Exception failure) throws Exception {
        if (failure instanceof StartException known) {
            known.reason().lines().forEach(line -> err.println("posthouse: " + line));
            return FAILED;
        }
        throw failure;
    }

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is missing: serve, config, queue, plugin, pipeline, trace, shadow, replay, record, cluster or"
                        + " version");
    }
}
