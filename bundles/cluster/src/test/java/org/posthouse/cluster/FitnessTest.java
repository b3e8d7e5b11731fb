// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.telemetry.spi.ClusterReport.Mail;
import org.posthouse.telemetry.spi.ClusterReport.Report;
import org.posthouse.telemetry.spi.HealthSource.Health;

final class FitnessTest {
    private static Report report(boolean leased, String trouble) {
        return new Report("c", "a", true, leased, 2, 2, trouble, List.of(), Mail.NONE);
    }

    @Test
    void saysFirstWhatKeepsTheNodeFromTakingMail() {
        String closed = "This member of the cluster is a witness and stores no mail";
        assertEquals(new Health(true, false, closed), Fitness.of(report(true, ""), closed, false));
        assertEquals(
                new Health(true, false, "Hazelcast is starting"),
                Fitness.of(report(false, "Hazelcast is starting"), closed, false));
    }

    @Test
    void isWellWhereMailIsTakenAndAllAreHeard() {
        assertEquals(new Health(true, true, ""), Fitness.of(report(true, ""), "", true));
    }

    @Test
    void tellsOfTheLeaseThatIsMissingAlsoWhereMailIsTaken() {
        assertEquals(
                "Fewer than 2 members hear each other: what others hold too is not delivered from here",
                Fitness.of(report(false, ""), "", true).detail());
    }
}
