// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.disk;

import java.util.List;
import org.posthouse.cluster.protocol.Register;

/**
 * What the file of registers holds.
 *
 * @param registers one for each member that is known
 * @param emptySince since which incarnation the disk has had everything; 0 when it was never replaced
 */
record Remembered(List<Register> registers, long emptySince) {
    static final Remembered NOTHING = new Remembered(List.of(), 0);

    Remembered {
        registers = List.copyOf(registers);
    }
}
