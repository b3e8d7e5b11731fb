// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.spi;

import java.util.List;
import java.util.Map;
import org.posthouse.api.operator.Command;
import org.posthouse.api.operator.Page;
import org.posthouse.api.operator.Table;

/**
 * What plugins offer the operator beside their hooks: commands and pages of the console, as they stand now. Plugins are
 * asked on virtual threads within a time limit, so that none can hold up or hurt who asks.
 */
public interface Offers {
    /** The commands by group and name; of two generations the newer one's. */
    List<Offer> commands();

    /** The pages by title; of two generations the newer one's. */
    List<Tab> tabs();

    /**
     * Runs a command.
     *
     * @param given values by the names of parameters, as {@link org.posthouse.api.operator.Arguments} takes them
     * @param who who asks, for log and event; a secret is in neither
     * @throws OfferException when there is no such command, it was given what it does not take, or could not do it
     */
    Table run(String group, String name, Map<String, List<String>> given, String who) throws OfferException;

    /**
     * What stands on the page of a group.
     *
     * @throws OfferException when there is no such page, or it could not say
     */
    List<Page.Section> show(String group) throws OfferException;

    /** Runs this, quickly and on any thread, whenever pages came or went. */
    void onChange(Runnable watcher);

    /** Runs it no more. */
    void noMore(Runnable watcher);

    /**
     * A command.
     *
     * @param group its group
     * @param name its name within the group
     * @param help what it does
     * @param changes whether it changes anything
     * @param parameters what it takes, in the order of the command line
     * @param plugin the plugin that brings it
     */
    record Offer(
            String group,
            String name,
            String help,
            boolean changes,
            List<Command.Parameter> parameters,
            String plugin) {
        public Offer {
            parameters = List.copyOf(parameters);
        }
    }

    /**
     * A page of the console.
     *
     * @param group its group
     * @param title its title
     * @param plugin the plugin that brings it
     */
    record Tab(String group, String title, String plugin) {}
}
