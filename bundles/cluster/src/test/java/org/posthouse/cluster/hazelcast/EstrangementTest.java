// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.spi.exception.CallerNotMemberException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class EstrangementTest {
    private static final Throwable STRANGER = new ExecutionException(new CallerNotMemberException("Not Member!"));

    private final Estrangement estrangement = new Estrangement();

    @Test
    void isToldOfAMemberThatRefusesThisNodeForLong() {
        assertFalse(estrangement.refused("n1", STRANGER, 1_000));
        assertFalse(estrangement.refused("n1", STRANGER, 20_999));
        assertTrue(estrangement.refused("n1", STRANGER, 21_000));
    }

    @Test
    void forgetsItWithWhatIsTaken() {
        assertFalse(estrangement.refused("n1", STRANGER, 0));
        estrangement.taken("n1");
        assertFalse(estrangement.refused("n1", STRANGER, 30_000));
    }

    @Test
    void keepsMembersApart() {
        assertFalse(estrangement.refused("n1", STRANGER, 0));
        assertFalse(estrangement.refused("n2", STRANGER, 30_000));
    }

    @Test
    void doesNotCountWhatIsLostForOtherReasons() {
        assertFalse(estrangement.refused("n1", new IllegalStateException("lost"), 0));
        assertFalse(estrangement.refused("n1", new IllegalStateException("lost"), 60_000));
    }
}
