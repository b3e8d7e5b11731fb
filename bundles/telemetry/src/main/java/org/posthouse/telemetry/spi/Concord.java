// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.spi;

import java.util.Map;

/** How the configuration that all members of a cluster have in common stands at the others, compared with this node's. */
@FunctionalInterface
public interface Concord {
    /**
     * Asks all members that judge mail, and waits for them.
     *
     * @return by member {@code same}, {@code differs} or {@code silent}; {@code in doubt} is behind it where a change is
     *     applied of which is not known yet whether it stays
     */
    Map<String, String> ask();
}
