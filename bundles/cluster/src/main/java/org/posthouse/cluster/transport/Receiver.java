// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.transport;

import java.util.function.Consumer;
import org.posthouse.cluster.protocol.Frame;
import org.posthouse.cluster.protocol.Response;

/** Takes frames of other members; the answer may come at once, later or never. */
@FunctionalInterface
public interface Receiver {
    /** Takes a frame. */
    void receive(Frame frame, Consumer<Response> answer);
}
