// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.telemetry.spi.Members;
import org.posthouse.telemetry.spi.Members.Member;
import org.posthouse.telemetry.spi.Members.Reply;
import org.posthouse.telemetry.spi.Members.Request;
import org.posthouse.telemetry.spi.Members.Response;
import org.posthouse.telemetry.spi.Members.Silence;
import org.posthouse.testkit.server.Await;

/** Three members in one process that ask each other, over the Hazelcast that ships. */
@Timeout(180)
class AskingTest {
    @TempDir
    private Path folder;

    private Trio trio;

    @BeforeEach
    void start() throws IOException {
        trio = new Trio(folder);
        for (String name : Trio.NAMES) {
            trio.start(name, "key")
                    .employ(() -> (request, member) -> new Response(
                            200,
                            name + " for " + member + " " + request.method() + " " + request.path() + " "
                                    + request.query(),
                            request.body()));
        }
        Await.until(
                "all answer",
                Duration.ofSeconds(30),
                () -> trio.nodes.values().stream()
                        .allMatch(n -> n.members().all().stream().allMatch(Member::reachable)));
    }

    @AfterEach
    void stop() throws Exception {
        trio.close();
    }

    private Members members(String name) {
        return trio.nodes.get(name).members();
    }

    private static Request request(byte[] body) {
        return new Request("POST", "/api/v1/x", Map.of("node", List.of("self")), "", body, "::1");
    }

    private void assertAnswers(String from, String member, byte[] body) {
        CompletableFuture<Reply> reply = members(from).ask(member, request(body));
        Response response = assertInstanceOf(Response.class, reply.join());
        assertEquals(200, response.status());
        assertEquals(member + " for " + from + " POST /api/v1/x {node=[self]}", response.contentType());
        assertArrayEquals(body, response.body());
    }

    @Test
    void eachAsksEachWithALittleAndWithMuchAndKnowsWhoIsGone() throws Exception {
        for (String from : Trio.NAMES) {
            for (String member : Trio.NAMES) {
                assertAnswers(from, member, (from + member).getBytes(StandardCharsets.UTF_8));
            }
        }
        byte[] jar = new byte[Members.LARGEST];
        new Random(1).nextBytes(jar);
        long began = System.nanoTime();
        assertAnswers("a", "b", jar);
        System.out.printf("32 MB there and back in %d ms%n", (System.nanoTime() - began) / 1_000_000);
        assertTrue(trio.nodes.values().stream().allMatch(n -> n.report().leased()));

        trio.stop("c");
        began = System.nanoTime();
        CompletableFuture<Reply> reply = members("a").ask("c", request(new byte[0]), Duration.ofSeconds(3));
        assertTrue(assertInstanceOf(Silence.class, reply.join()).why().startsWith("Node c does not answer"));
        assertTrue(System.nanoTime() - began < 6_000_000_000L);
        Await.until(
                "it is missed",
                Duration.ofSeconds(20),
                () -> members("a").all().stream().noneMatch(m -> m.name().equals("c") && m.reachable()));
        began = System.nanoTime();
        members("a").ask("c", request(new byte[0])).join();
        assertTrue(System.nanoTime() - began < 1_000_000_000L, "who is missed is not waited for");
        assertAnswers("b", "a", new byte[0]);
    }
}
