// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.disk;

import java.util.List;
import org.posthouse.cluster.protocol.Register;
import org.posthouse.cluster.protocol.WireFormat;
import org.posthouse.spool.spi.Change;
import org.posthouse.spool.spi.Spool;
import org.posthouse.spool.spi.SpoolException;

/** Disks as tests want them. */
public final class Disks {
    private Disks() {}

    /** A disk on which a member has had its first life: an empty one would ask the others for 10 s. */
    public static void lived(Spool spool, String member) throws SpoolException {
        spool.commit(new Change()
                .add(new Change.Step.Member(member, WireFormat.write(List.of(new Register(member, 1, 0)), 0))));
    }
}
