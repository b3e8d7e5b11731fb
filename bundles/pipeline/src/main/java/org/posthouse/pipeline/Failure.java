// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

/** The ways in which a hook can fail. */
enum Failure {
    /** It did not answer within its budget. */
    TIMEOUT("timeout"),
    /** It threw. */
    EXCEPTION("exception"),
    /** It answered, edited or read what it may not, or did not answer at all. */
    ILLEGAL("illegal verdict"),
    /** It is expected but not there. */
    MISSING("missing"),
    /** Too many of its threads are overdue and still run. */
    ABANDONED("abandoned"),
    /** It is asked as often at once as it may be. */
    FULL("full"),
    /** It failed too often of late. */
    BREAKER("breaker open"),
    /** Its generation was replaced and the draining time has passed. */
    DRAINED("drained");

    private final String word;

    Failure(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }

    /** Whether the hook was spared the call because of what calls before it did. */
    boolean rejection() {
        return this == FULL || this == BREAKER;
    }
}
