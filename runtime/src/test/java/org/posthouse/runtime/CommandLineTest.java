// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void answersAnUnknownOptionWithOneLineAndStatus2() {
        assertEquals(2, run("serve", "--bogus"));
        assertEquals("posthouse: Unknown option: '--bogus' (see 'posthouse serve --help')\n", err.toString());
    }

    @Test
    void answersAnUnknownCommandWithOneLineAndStatus2() {
        assertEquals(2, run("frobnicate"));
        assertTrue(
                err.toString()
                        .startsWith("posthouse: frobnicate is no command of the program itself, "
                                + "and those of plugins need the running server: "),
                err::toString);
        assertTrue(err.toString().endsWith(" (see 'posthouse --help')\n"), err::toString);
    }

    @Test
    void looksForNoCommandOfAPluginBehindAWordThatCanBeNone() {
        assertEquals(2, run("Frobnicate"));
        assertEquals("posthouse: unknown command or argument: Frobnicate (see 'posthouse --help')\n", err.toString());
    }

    @Test
    void asksForACommand() {
        assertEquals(2, run());
        assertTrue(err.toString().startsWith("posthouse: a command is missing"), err::toString);
    }

    @Test
    void helpsWithEveryCommandInTheSameWords() {
        assertHelps(Launcher.commandLine());
    }

    private static void assertHelps(CommandLine command) {
        StringWriter help = new StringWriter();
        command.setOut(new PrintWriter(help, true));
        assertEquals(0, command.execute("--help"), command.getCommandName());
        assertTrue(help.toString().contains("Prints this."), help::toString);
        command.getSubcommands().values().forEach(CommandLineTest::assertHelps);
    }

    @Test
    void printsItsVersion() {
        assertEquals(0, run("version"));
        assertTrue(out.toString().startsWith("posthouse "), out::toString);
    }

    @Test
    void saysWhenTheStartScriptWasBypassed() {
        assertEquals(1, run("serve"));
        assertTrue(err.toString().contains("bin/posthouse"), err::toString);
    }

    private int run(String... arguments) {
        CommandLine line = Launcher.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return Launcher.execute(line, arguments);
    }
}
