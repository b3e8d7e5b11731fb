package ${package};

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthouse.testkit.server.Rig;
import org.posthouse.testkit.server.SinkServer;
import org.posthouse.testkit.server.SmtpClient;

/** The plugin in a real server; needs to be told where one is: POSTHOUSE_HOME. */
final class ServerIT {
    @TempDir
    private Path folder;

    @Test
    void judgesMailInARunningServer() throws Exception {
        assumeTrue(Rig.home().isPresent(), "POSTHOUSE_HOME is not set");
        try (SinkServer next = new SinkServer();
                Rig rig = Rig.in(folder, next)
                        .plugin("${artifactId}", Path.of("target/${artifactId}.jar"), "words: [lottery]\n")
                        .start();
                SmtpClient client = rig.client()) {
            assertEquals(
                    "550 5.7.1 Message refused",
                    client.deliver("a@example.org", "b@example.net", "Subject: lottery\r\n\r\nx\r\n"));
            assertTrue(client.deliver("a@example.org", "b@example.net", "Subject: lunch\r\n\r\nx\r\n").startsWith("250"));
        }
    }
}
