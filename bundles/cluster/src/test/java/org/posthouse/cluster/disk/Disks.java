// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.posthouse.cluster.protocol.Register;

/** Disks as tests want them. */
public final class Disks {
    private Disks() {}

    /** A disk on which a member has had its first life. */
    public static void lived(Path folder, String member) throws IOException {
        new RegisterFile(folder, member).write(new Remembered(List.of(new Register(member, 1, 0)), 0));
    }
}
