// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * A node that may have a copy.
 *
 * @param node the node
 * @param incarnation the life in which it was asked to keep it
 * @param wanted whether it is to keep it; one that is not is asked to drop it until it has answered
 */
public record Keeper(String node, long incarnation, boolean wanted) {}
