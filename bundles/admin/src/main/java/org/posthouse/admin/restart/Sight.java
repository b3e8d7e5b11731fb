// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.restart;

/**
 * A server as it is now; the names of the components are the names in the JSON.
 *
 * @param name its name in the cluster; empty where it is alone
 * @param startedAt when its process image began, in milliseconds of the wall clock: another one after a restart
 * @param ready whether mail may be sent there
 * @param why why not, or empty
 * @param leased whether it has the lease; true where it is alone
 * @param life its life; 0 where it is alone
 * @param underReplicated its messages that are on fewer nodes than configured
 * @param drain open, draining or drained
 */
public record Sight(
        String name,
        long startedAt,
        boolean ready,
        String why,
        boolean leased,
        long life,
        long underReplicated,
        String drain) {}
