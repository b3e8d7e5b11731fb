// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Await;
import org.posthouse.testkit.server.ConversationPlayer;
import org.posthouse.testkit.server.Rig;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** A plugin's author tries it in a whole server: dropped in while it runs, asked over SMTP, seen at the next hop. */
class RigIT {
    @TempDir
    Path folder;

    @Test
    void runsAPluginInAWholeServer() throws Exception {
        try (SinkServer next = new SinkServer();
                Rig rig = Rig.in(folder, next).start()) {
            rig.plugin("block-sender", Jars.shipped("block-sender"), "domains: [bad.test]\n");
            try (SmtpClient client = rig.client()) {
                client.say("MAIL FROM:<a@bad.test>").expect("550 5.7.1");
                assertTrue(client.deliver("a@good.test", "b@far.test", "Subject: x\r\n\r\nbody\r\n")
                        .startsWith("250"));
            }
            Await.until(rig::log, Duration.ofSeconds(20), () -> next.messages() == 1);
            assertEquals("body\r\n", next.arrivals().get(0).body());
            try (ConversationPlayer stranger = rig.conversation()) {
                stranger.play(
                        "S: 220 …",
                        "C: HELO client.example.com",
                        "S: 250 mx.local.test",
                        "C: MAIL FROM:<a@good.test>",
                        "S: 250 …",
                        "C: RCPT TO:<b@far.test>",
                        "S: 550 5.7.1 Relaying denied");
            }
        }
    }
}
