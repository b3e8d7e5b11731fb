// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/**
 * What a member knows of another one at this moment.
 *
 * @param node the other one
 * @param life the highest life that is known of it; 0 when none is
 * @param fenced whether that life is over
 * @param renewed how many milliseconds ago a renewal of it was acknowledged here; -1 when none was since the start
 * @param answered how many milliseconds ago it answered; -1 when it has not since the start
 */
public record Sighting(String node, long life, boolean fenced, long renewed, long answered) {}
