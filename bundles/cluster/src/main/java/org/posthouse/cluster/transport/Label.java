// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import org.posthouse.cluster.protocol.Incarnation;

/**
 * What stands on a parcel: authenticated with its content, and not secret.
 *
 * @param from who sealed it, in which life; number 0 while its disk is empty
 * @param to for whom, in the life that the sender knows of; number 0 when it knows none
 * @param number rises from parcel to parcel of one life to one member
 */
record Label(Incarnation from, Incarnation to, long number) {}
