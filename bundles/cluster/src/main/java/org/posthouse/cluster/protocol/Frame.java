// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * A message on its way: who says it in which life to whom in which life, and as the how manieth. A receiver takes no
 * frame behind a later one, so a message that was lost and comes up again can not undo what was said since.
 *
 * @param from the sender; number 0 while its disk is empty
 * @param emptySince the first incarnation that knows nothing of those before, for the sender's disk was new; 0 when
 *     it was never replaced
 * @param to the receiver as the sender knows it
 * @param number rises from frame to frame of one sender to one receiver
 * @param message what is said
 */
public record Frame(Incarnation from, long emptySince, Incarnation to, long number, Message message) {}
