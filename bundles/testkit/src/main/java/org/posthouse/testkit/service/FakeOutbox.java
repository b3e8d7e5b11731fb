// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.posthouse.api.Address;
import org.posthouse.api.service.Outbox;

/** Keeps what a plugin sends, and sends nothing. */
public final class FakeOutbox implements Outbox {
    private final List<Letter> letters = new CopyOnWriteArrayList<>();
    private volatile boolean failing;

    /** What a plugin sent. */
    public record Letter(String id, Address sender, List<Address> recipients, String message) {
        public Letter {
            recipients = List.copyOf(recipients);
        }
    }

    /** Nothing can be kept from now on, or again. */
    public FakeOutbox failing(boolean now) {
        failing = now;
        return this;
    }

    /** What was sent, in order. */
    public List<Letter> letters() {
        return List.copyOf(letters);
    }

    @Override
    public String submit(Address sender, List<Address> recipients, byte[] message) throws IOException {
        if (failing) {
            throw new IOException("Outbox fails, as the test wants");
        }
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("no recipients");
        }
        String id = String.format("01J00000000000000OUTBOX%03d", letters.size());
        letters.add(new Letter(id, sender, recipients, new String(message, StandardCharsets.UTF_8)));
        return id;
    }
}
