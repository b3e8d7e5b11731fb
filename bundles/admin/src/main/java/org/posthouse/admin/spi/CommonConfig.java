// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.spi;

import java.util.List;
import java.util.Map;
import org.posthouse.config.spi.SharedFiles;

/**
 * The configuration that is the same on all members of the cluster that judge mail; there is such a service only where the
 * server is part of one.
 */
public interface CommonConfig {
    /**
     * Changes files on all members or on none: all check, then all apply, then all are told that it stays.
     *
     * @throws RefusedException when no member has the change, and why, with what each finds; a member that could not be told
     *     is named
     */
    Applied apply(SharedFiles.Change change, String who) throws RefusedException;

    /** How the files of all members differ from those of this node. */
    List<Comparison> compare();

    /**
     * A change that is in force.
     *
     * @param id its id
     * @param nodes what became of it, by node: {@code in force}, or a sentence
     */
    record Applied(String id, Map<String, String> nodes) {}

    /**
     * How a member differs from this node.
     *
     * @param node the member
     * @param state {@code same}, {@code differs}, {@code silent}
     * @param detail why it is silent, or which change it has that neither stays nor was taken back yet
     * @param files {@code missing}, {@code more} or {@code differs}, by the names of the files
     */
    record Comparison(String node, String state, String detail, Map<String, String> files) {}
}
