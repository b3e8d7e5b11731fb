// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import org.posthouse.api.Content;
import org.posthouse.api.Headers;
import org.posthouse.api.Message;
import org.posthouse.api.Need;

/** A message as one hook sees it in one turn. */
final class MessageView implements Message {
    private final String trace;
    private final Content received;
    private final Body body;
    private final Head head;
    private final Overlay overlay;

    /**
     * A view.
     *
     * @param trace the lines that the server puts on top
     * @param received what came in
     * @param body the octets that stand for it now
     * @param head the header block as it stands now
     * @param overlay the turn of the hook
     */
    MessageView(String trace, Content received, Body body, Head head, Overlay overlay) {
        this.trace = trace;
        this.received = received;
        this.body = body;
        this.head = head;
        this.overlay = overlay;
    }

    @Override
    public Headers headers() {
        return head.fields();
    }

    @Override
    public Content received() {
        overlay.require(Need.BODY);
        return overlay.guarded(received);
    }

    @Override
    public Content current() {
        overlay.require(Need.BODY);
        return overlay.guarded(body.under(trace, head));
    }
}
