// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import java.util.BitSet;
import java.util.List;
import java.util.function.Predicate;
import org.posthouse.api.Batch;
import org.posthouse.api.Content;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;

/** A batch as a transport plugin sees it; remembers what was intended. */
final class AgentBatch implements Batch {
    private final String messageId;
    private final Sender sender;
    private final List<Recipient> recipients;
    private final Content content;
    private final Predicate<List<Integer>> intent;
    private final BitSet intended = new BitSet();
    private boolean withdrawn;

    AgentBatch(
            String messageId,
            Sender sender,
            List<Recipient> recipients,
            Content content,
            Predicate<List<Integer>> intent) {
        this.messageId = messageId;
        this.sender = sender;
        this.recipients = List.copyOf(recipients);
        this.content = content;
        this.intent = intent;
    }

    @Override
    public String messageId() {
        return messageId;
    }

    @Override
    public Sender sender() {
        return sender;
    }

    @Override
    public List<Recipient> recipients() {
        return recipients;
    }

    @Override
    public Content content() {
        return content;
    }

    @Override
    public synchronized boolean intend(List<Integer> positions) {
        positions.forEach(p -> java.util.Objects.checkIndex(p, recipients.size()));
        boolean go = !withdrawn && intent.test(positions);
        withdrawn = !go;
        if (go) {
            positions.forEach(intended::set);
        }
        return go;
    }

    /** The agent has answered: what it left running hands over nothing any more. */
    synchronized void close() {
        withdrawn = true;
    }

    /** Whether a success for this recipient can be believed. */
    synchronized boolean intended(int position) {
        return intended.get(position);
    }

    /** Whether the agent was told to stop. */
    synchronized boolean withdrawn() {
        return withdrawn;
    }
}
