// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.spi;

import org.posthouse.api.Address;
import org.posthouse.api.Content;
import org.posthouse.api.Reply;
import org.posthouse.api.Verdict;

/** The deliver hooks around one attempt to deliver. */
public interface AttemptStage {
    /** Asked before a connection is chosen. */
    Verdict.Delivery before();

    /** Asked when the connection to this host stands. */
    Verdict.Delivery connected(String host);

    /** Asked with the reply that decides. */
    Verdict.Delivery replied(Reply reply);

    /** The reverse-path of this attempt. */
    Address sender();

    /** What goes out in this attempt: the stored content with header edits of this attempt. */
    Content content(Content stored);
}
