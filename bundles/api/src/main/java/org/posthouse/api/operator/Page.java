// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.operator;

import java.util.List;

/**
 * A tab of the web console that a plugin brings: tables, with the forms of the commands of the same group below them.
 *
 * <p>Asked on a virtual thread of the core, which waits 10 s at most.
 */
public interface Page {
    /** The group, lower case with hyphens: part of the address, and which commands are offered. */
    String group();

    /** The title of the tab. */
    String title();

    /** What stands there now, from top to bottom. */
    List<Section> show();

    /**
     * A part of a page.
     *
     * @param title its heading
     * @param table what it shows
     */
    record Section(String title, Table table) {}
}
