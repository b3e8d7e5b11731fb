// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import org.posthouse.api.service.Limiter;

/**
 * Which part of a limit this node may grant by itself. The sum of the parts of all nodes must never exceed the whole; a
 * cluster answers with the share that this node owns or was lent.
 */
@FunctionalInterface
interface Shares {
    /** A node that is alone owns all of every limit. */
    Shares ALONE = (owner, key, whole) -> whole;

    /** The part of this node. */
    Limiter.Rate of(String owner, String key, Limiter.Rate whole);
}
