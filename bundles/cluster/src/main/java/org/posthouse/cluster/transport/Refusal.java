// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

/** Octets that were not taken, and why, in a sentence for the operator. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Why octets are refused; each is counted by its name. */
    enum Reason {
        /** Sealed with a key that this node does not have. */
        KEY,
        /** Of a version that this node does not speak. */
        VERSION,
        /** Damaged, or forged. */
        DAMAGED,
        /** From or for somebody else than it says, or of no member. */
        ADDRESS,
        /** Overtaken by a later one, or sent a second time. */
        LATE,
        /** More waits here already than may. */
        FULL
    }

    Refusal(Reason reason, String message) {
        // Without a stack: it is made for what strangers send.
        super(message, null, false, false);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
