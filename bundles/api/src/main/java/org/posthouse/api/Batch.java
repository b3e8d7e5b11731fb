// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Recipients of one message that a {@link org.posthouse.api.hook.DeliveryAgent} carries together. Provided by the core. */
@ProviderType
public interface Batch {
    /** The id of the message. */
    String messageId();

    /** The reverse-path and its parameters. */
    Sender sender();

    /** The recipients; outcomes are given in this order. */
    List<Recipient> recipients();

    /** What goes out, edits applied. */
    Content content();

    /**
     * Right before the irrevocable step: records on disk that these recipients are in transit.
     *
     * @param recipients the positions in {@link #recipients()}
     * @return whether to go on; when false nothing may be handed over
     */
    boolean intend(List<Integer> recipients);
}
