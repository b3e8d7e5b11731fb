// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import java.util.List;
import org.posthouse.api.Batch;
import org.posthouse.api.Outcome;
import org.posthouse.api.Route;

/** Carries a batch to a route. Chosen by {@link Route#agent()}, which is its service property {@code agent}. */
@FunctionalInterface
public interface DeliveryAgent {
    /**
     * Hands the batch over; runs on a virtual thread and may block.
     *
     * <p>Right before its irrevocable step it calls {@link Batch#intend}; a success without it is refused.
     *
     * @return one outcome per recipient of the batch, in order
     */
    List<Outcome> carry(Batch batch, Route route);
}
