// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.spi;

/** Answers what other members of the cluster, and parts of this server itself, ask the REST API of this node. */
@FunctionalInterface
public interface Clerk {
    /** Whom the web console names as the one that asks; what comes from outside has an address there. */
    String CONSOLE = "console";

    /**
     * Answers, without a look at tokens; logged like any request, as from somebody at that member. May wait, and is
     * called on virtual threads, many at a time.
     *
     * @param member the member that asks, for certain; empty for a part of this server
     */
    Members.Response answer(Members.Request request, String member);
}
