// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.limits;

/**
 * The times of loans, in milliseconds.
 *
 * @param loan how long a borrower uses what it was lent, from when it asked
 * @param margin how much longer the lender waits, from when it answered: more than clocks can drift apart meanwhile
 * @param busy how long a limit counts as in use after somebody took from it
 * @param most how many limits may have loans at once
 * @param forgetful whether a node that was killed takes its part to be spent
 */
public record LimitRules(long loan, long margin, long busy, int most, boolean forgetful) {
    /** The rules that ship. A loan and its lender's lease end before anybody votes to fence the lender. */
    public static final LimitRules STANDARD = new LimitRules(3_000, 1_000, 1_500, 20_000, true);
}
