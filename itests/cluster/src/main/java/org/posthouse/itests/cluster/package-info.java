// SPDX-License-Identifier: Apache-2.0
/**
 * A campaign against servers in network namespaces: load, faults, and the account of every message.
 *
 * <p>{@link org.posthouse.itests.cluster.Campaign} leads. It writes all that happens to a
 * {@link org.posthouse.itests.cluster.History}; the {@link org.posthouse.itests.cluster.Account} judges from that alone, so
 * that a history can be judged again at any time.
 */
@NullMarked
package org.posthouse.itests.cluster;

import org.jspecify.annotations.NullMarked;
