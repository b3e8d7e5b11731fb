// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool.spi;

/** The state of one recipient of a message on disk. */
public enum State {
    /** Made by the server itself; the queue hooks were not asked yet. */
    UNJUDGED(false),
    /** Waits for its first attempt. */
    QUEUED(false),
    /** Handed to the next hop; its answer is not recorded yet. Found after a crash: may have been delivered. */
    IN_TRANSIT(false),
    /** An attempt failed for now. */
    DEFERRED(false),
    /** Kept until an operator releases it. */
    HELD(false),
    /** Handed over. */
    DELIVERED(true),
    /** Failed for good. */
    FAILED(true),
    /** Given up because it was too old. */
    EXPIRED(true),
    /** Deleted by an operator. */
    DELETED(true);

    private final boolean ended;

    State(boolean ended) {
        this.ended = ended;
    }

    /** Whether nothing more happens to this recipient. */
    public boolean ended() {
        return ended;
    }
}
