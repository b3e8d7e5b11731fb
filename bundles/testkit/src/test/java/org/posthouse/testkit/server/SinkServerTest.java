// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** The sink keeps what it is sent; client and player say what they are told and notice what is wrong. */
final class SinkServerTest {
    @Test
    void keepsWhatArrives() throws Exception {
        try (SinkServer sink = new SinkServer();
                SmtpClient client = SmtpClient.greeted(sink.port())) {
            client.deliver("a@example.org", "b@example.net", "Subject: two\r\n words\r\n\r\nbody\r\n");
            SinkServer.Arrival arrival = sink.arrivals().get(0);
            assertEquals("two words", arrival.header("subject"));
            assertEquals("body\r\n", arrival.body());
            assertEquals(6, arrival.bodyOctets());
        }
    }

    @Test
    void aTranscriptFailsWhereTheServerSaysSomethingElse() throws Exception {
        try (SinkServer sink = new SinkServer();
                ConversationPlayer player =
                        new ConversationPlayer(new InetSocketAddress(InetAddress.getLoopbackAddress(), sink.port()))) {
            player.play("S: 220 sink.test ESMTP", "C: NOOP", "S: 250 …", "C: NOOP");
            assertThrows(AssertionError.class, () -> player.play("S: 251 …"));
            player.play("C: QUIT", "S: 221 2.0.0 bye", "X");
        }
    }
}
