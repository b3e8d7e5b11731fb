// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * A majority has said that a member is fenced, and that it has seen no later life of it. Like a lease it counts from when
 * the majority was asked.
 *
 * @param since since when it has been so without a gap, by the monotonic clock
 * @param term how long it is known
 */
public record Absence(long since, Term term) {}
