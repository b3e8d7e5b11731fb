// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Says something to another member that is not about mail. */
@FunctionalInterface
public interface Mouth {
    /** Says it; the answer comes on any thread and at most once, null when there is none. Never blocks. */
    void say(String member, byte[] octets, Consumer<byte @Nullable []> answer);
}
