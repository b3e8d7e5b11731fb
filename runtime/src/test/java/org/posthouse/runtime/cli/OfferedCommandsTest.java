// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OfferedCommandsTest {
    private static final String COMMANDS = """
            {'commands':[
            {'group':'user','name':'add','help':'Adds a user, 100% safe.','changes':true,'plugin':'auth-file','parameters':[
            {'name':'address','kind':'text','required':true,'help':'The address.'},
            {'name':'password','kind':'secret','required':true,'help':'The password.'},
            {'name':'may-send-as','kind':'list','required':false,'help':'Another address.'},
            {'name':'tenant','kind':'text','required':false,'help':'The tenant.'},
            {'name':'disabled','kind':'flag','required':false,'help':'Starts disabled.'}]},
            {'group':'user','name':'list','help':'The users.','changes':false,'plugin':'auth-file','parameters':[]},
            {'group':'rules','name':'list','help':'The rules.','changes':false,'plugin':'rules','parameters':[]}]}""";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private CannedServer server;

    @BeforeEach
    void start() throws Exception {
        server = new CannedServer().on("GET /api/v1/commands", 200, COMMANDS);
        Files.writeString(folder.resolve("token"), "t0ken\n");
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void asksForASecretTwiceAndSendsWhatWasTyped() {
        server.on("POST /api/v1/commands/user/add", 200, "{'note':'Added','columns':[],'rows':[]}");
        FakeTerminal terminal = new FakeTerminal(true, "s3cret", "s3cret");
        assertEquals(
                0,
                run(
                        terminal,
                        "user",
                        "add",
                        "alice@example.org",
                        "--may-send-as",
                        "a@b",
                        "--may-send-as",
                        "c@d",
                        "--disabled"),
                err::toString);
        assertEquals("Added\n", out.toString());
        assertEquals(List.of("password: ", "password again: "), terminal.questions());
        assertEquals(
                "POST /api/v1/commands/user/add Bearer t0ken {\"address\":\"alice@example.org\",\"password\":\"s3cret\","
                        + "\"may-send-as\":[\"a@b\",\"c@d\"],\"disabled\":true}",
                server.asked().getLast());
    }

    @Test
    void doesNothingWhenTheSecretWasMistyped() {
        assertEquals(1, run(new FakeTerminal(true, "s3cret", "s3crte"), "user", "add", "alice"));
        assertEquals("posthouse: The two are not the same\n", err.toString());
        assertEquals(1, server.asked().size());
    }

    @Test
    void readsASecretFromStandardInputAlsoForJson() {
        server.on("POST /api/v1/commands/user/add", 200, "{'note':'Added','columns':[],'rows':[]}");
        assertEquals(
                0,
                run(new FakeTerminal(false, "s3cret"), "user", "add", "alice", "--password-stdin", "--json"),
                err::toString);
        assertEquals("{\"note\":\"Added\",\"columns\":[],\"rows\":[]}\n", out.toString());
        assertTrue(server.asked().getLast().contains("\"password\":\"s3cret\""));
    }

    @Test
    void saysHowToGiveASecretWithoutATerminal() {
        assertEquals(1, run(new FakeTerminal(false), "user", "add", "alice"));
        assertEquals(
                "posthouse: There is no terminal to ask for the password at: --password-stdin reads it from standard input\n",
                err.toString());
    }

    @Test
    void takesNoSecretFromTheCommandLine() {
        assertEquals(2, run(new FakeTerminal(false), "user", "add", "alice", "--password", "s3cret"));
        assertEquals(
                "posthouse: unknown option or argument: --password (see 'posthouse user add --help')\n",
                err.toString());
    }

    @Test
    void printsTablesThatCanNotSteerTheTerminal() {
        server.on(
                "POST /api/v1/commands/user/list",
                200,
                "{'note':'2 users','columns':['ADDRESS','STATE'],'rows':[['alice','on'],['b\\u001b[2J','off']]}");
        assertEquals(0, run(new FakeTerminal(false), "user", "list"), err::toString);
        assertEquals("2 users\nADDRESS  STATE\nalice    on\nb?[2J    off\n", out.toString());
    }

    @Test
    void listsTheCommandsOfAGroup() {
        assertEquals(0, run(new FakeTerminal(false), "user", "--help"), err::toString);
        assertEquals("""
                Usage: posthouse user COMMAND
                COMMAND  TAKES                                                                           DOES                     PLUGIN
                add      ADDRESS [--password-stdin] [--may-send-as VALUE…] [--tenant VALUE] [--disabled]  Adds a user, 100% safe.  auth-file
                list                                                                                     The users.               auth-file
                """.replaceAll(" +", " "), out.toString().replaceAll(" +", " "));
    }

    @Test
    void explainsACommand() {
        assertEquals(0, run(new FakeTerminal(false), "user", "add", "--help"), err::toString);
        assertTrue(out.toString().contains("Adds a user, 100% safe."), out::toString);
        assertTrue(out.toString().contains("--may-send-as"), out::toString);
        assertEquals(1, server.asked().size());
    }

    @Test
    void answersAWrongCommandLineWithOneLineAndStatus2() {
        assertEquals(2, run(new FakeTerminal(false), "user"));
        assertEquals(2, run(new FakeTerminal(false), "user", "dance"));
        assertEquals(2, run(new FakeTerminal(false), "user", "add"));
        assertEquals(2, run(new FakeTerminal(false), "user", "list", "more"));
        assertEquals(2, run(new FakeTerminal(false), "frobnicate"));
        assertEquals("""
                posthouse: a command is missing: add, list (see 'posthouse user --help')
                posthouse: unknown command: user dance, known: add, list (see 'posthouse user --help')
                posthouse: Missing required parameter: 'ADDRESS' (see 'posthouse user add --help')
                posthouse: unknown option or argument: more (see 'posthouse user list --help')
                posthouse: unknown command: frobnicate; plugins offer rules, user (see 'posthouse --help')
                """, err.toString());
    }

    @Test
    void saysWhereThereIsNoCluster() {
        assertEquals(1, run(new FakeTerminal(false), "cluster", "status"));
        assertEquals(
                "posthouse: this server is not part of a cluster: its configuration has no section cluster\n",
                err.toString());
    }

    @Test
    void saysThatTheServerMustRun() {
        String url = server.url();
        server.stop();
        assertEquals(2, run(new FakeTerminal(false), "user", "list"));
        assertEquals(
                "posthouse: user is no command of the program itself, and those of plugins need the running server: "
                        + "Posthouse does not answer at " + url + ": is it running? (see 'posthouse --help')\n",
                err.toString());
    }

    @Test
    void tellsWhyACommandFailed() {
        server.on("POST /api/v1/commands/user/list", 409, "{'detail':'The file is gone'}");
        assertEquals(1, run(new FakeTerminal(false), "user", "list"));
        assertEquals("posthouse: The file is gone\n", err.toString());
        assertFalse(out.toString().contains("gone"));
    }

    private int run(Terminal terminal, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(
                "--url", server.url(), "--token-file", folder.resolve("token").toString()));
        return new OfferedCommands(terminal, new PrintWriter(out, true), new PrintWriter(err, true))
                .run(all.toArray(String[]::new));
    }
}
