// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.spi;

import java.util.List;

/** How the cluster is as this node sees it; there is such a service only where the server is part of one. */
public interface ClusterReport {
    /** How it is now; cheap, never blocks. */
    Report report();

    /**
     * The cluster.
     *
     * @param name its name
     * @param self the member that this node is
     * @param living whether this node has a life, that is, it knows what it must remember
     * @param leased whether it may deliver what others hold too
     * @param majority how many members are more than half
     * @param copies how many nodes are to store a message
     * @param trouble what keeps it from the others, or empty
     * @param members all members, in the order of the configuration
     * @param mail the messages of which this node has a copy
     */
    record Report(
            String name,
            String self,
            boolean living,
            boolean leased,
            int majority,
            int copies,
            String trouble,
            List<Member> members,
            Mail mail) {
        public Report {
            members = List.copyOf(members);
        }
    }

    /**
     * Messages, as they were counted a moment ago.
     *
     * @param owned those that this node delivers
     * @param kept those that it keeps for other members
     * @param shortOf those of its own that are on fewer nodes than configured
     * @param ended those of which it only remembers that they have ended
     * @param doubted recipients since its start that may have got a message twice
     * @param takenOver messages since its start that it took over from others
     */
    record Mail(long owned, long kept, long shortOf, long ended, long doubted, long takenOver) {
        /** None. */
        public static final Mail NONE = new Mail(0, 0, 0, 0, 0, 0);
    }

    /**
     * A member.
     *
     * @param name its name
     * @param address where it is reached
     * @param witness whether it only votes
     * @param self whether it is this node
     * @param condition how it stands with this node
     * @param life its life; 0 when none is known
     * @param ago how many milliseconds ago it was heard; -1 when never since this node started
     */
    record Member(
            String name, String address, boolean witness, boolean self, Condition condition, long life, long ago) {}

    /** How a member stands. */
    enum Condition {
        /** It was heard just now; of this node: it has the lease. */
        HEARD,
        /** Nothing was heard for longer than a lease lasts; of this node: it has no lease. */
        SILENT,
        /** A majority has ended its life. */
        FENCED,
        /** It was not heard since this node started. */
        UNKNOWN,
        /** Of this node: its disk is empty, and it asks the others what it must know. */
        SETTLING
    }
}
