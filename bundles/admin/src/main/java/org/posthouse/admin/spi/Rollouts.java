// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.spi;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a plugin on all members of the cluster that judge mail; there is such a service only where the server is part
 * of one. One rollout at a time.
 */
public interface Rollouts {
    /** Still under way. */
    String RUNNING = "running";

    /** All nodes have what was wanted. */
    String DONE = "done";

    /** Nobody has what was wanted any more. */
    String UNDONE = "undone";

    /** Some have what was wanted and some not, or it is not known. */
    String PARTIAL = "partial";

    /**
     * Installs a jar at one node, and when its watch there has ended well, at the others one after the other; at all of
     * them or at none. Returns when it has begun.
     *
     * @param first the node that is first, or empty for this one
     * @param skipMissing goes on without the nodes that do not answer
     * @throws RefusedException when nothing was begun, and why
     */
    Rollout install(Path jar, String first, boolean skipMissing, String who) throws RefusedException;

    /**
     * Does something to a plugin that all of them have, one after the other, and returns when it is done.
     *
     * @throws RefusedException when nothing was begun, and why
     */
    Rollout everywhere(Verb verb, String plugin, String who) throws RefusedException;

    /** The newest rollout that this node leads or led since its start. */
    Optional<Rollout> last();

    /** What can be done to a plugin. */
    enum Verb {
        DISABLE,
        ENABLE,
        ROLLBACK,
        REMOVE
    }

    /**
     * How a rollout stands.
     *
     * @param id its id
     * @param action {@code install}, {@code disable} …
     * @param plugin the plugin
     * @param version the version that is installed, or empty
     * @param who who wanted it
     * @param outcome {@link #RUNNING}, {@link #DONE}, {@link #UNDONE} or {@link #PARTIAL}
     * @param detail why, for the operator
     * @param began when it began
     * @param ended when it ended; null while it runs
     * @param nodes the nodes in their order
     */
    record Rollout(
            String id,
            String action,
            String plugin,
            String version,
            String who,
            String outcome,
            String detail,
            Instant began,
            @Nullable Instant ended,
            List<Node> nodes) {
        public Rollout {
            nodes = List.copyOf(nodes);
        }
    }

    /** A node, how it stands there and why, and all that was before. */
    record Node(String name, String state, String detail, List<Step> steps) {
        public Node {
            steps = List.copyOf(steps);
        }
    }

    /** What happened at a node, and when. */
    record Step(String state, Instant at, String detail) {}
}
