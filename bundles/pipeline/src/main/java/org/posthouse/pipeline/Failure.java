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
    /** Its generation was replaced and the draining time has passed. */
    DRAINED("drained");

    private final String word;

    Failure(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
