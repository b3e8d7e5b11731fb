// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** A change that a hook asks for; applied by the core, so that it can be traced, compared and refused. */
@ProviderType
public sealed interface Edit {
    /** Adds a field below the last one. */
    record AddHeader(String name, String value) implements Edit {}

    /** Inserts a field so that it stands at {@code index}, 0 being the top, as this hook sees the fields. */
    record InsertHeader(int index, String name, String value) implements Edit {}

    /** Gives the {@code occurrence}th field of this name (1 is the topmost) a new value. */
    record ChangeHeader(String name, int occurrence, String value) implements Edit {}

    /** Removes the {@code occurrence}th field of this name (1 is the topmost, 0 is all of them). */
    record RemoveHeader(String name, int occurrence) implements Edit {}

    /** Replaces the reverse-path. */
    record ChangeSender(Address address) implements Edit {}

    /** Adds a recipient. */
    record AddRecipient(Recipient recipient) implements Edit {}

    /** Removes every recipient with this address. */
    record RemoveRecipient(Address address) implements Edit {}

    /** Replaces a recipient by others; NOTIFY and ORCPT carry on. */
    record ReplaceRecipient(Address address, List<Address> by) implements Edit {
        public ReplaceRecipient {
            by = List.copyOf(by);
        }
    }

    /** Replaces the body behind the header block. */
    record ReplaceBody(NewBody body) implements Edit {}

    /** Sends by this zone. */
    record Zone(String name) implements Edit {}

    /** Accounts to this tenant. */
    record Tenant(String name) implements Edit {}

    /** Sets the priority, -9 to 9, 0 being normal (RFC 6710). */
    record Priority(int value) implements Edit {}

    /** Not delivered before this time. */
    record Due(Instant time) implements Edit {}

    /** Adds a word that log, queue and directives can select by. */
    record Tag(String word) implements Edit {}

    /** These recipients leave in an envelope of their own over the same body, with these edits. */
    record Split(List<Address> recipients, Optional<Address> sender, List<Edit> edits) implements Edit {
        public Split {
            recipients = List.copyOf(recipients);
            edits = List.copyOf(edits);
        }
    }

    /** Adds a field below the last one; the value is folded by the caller where it must be. */
    static Edit addHeader(String name, String value) {
        return new AddHeader(name, value);
    }

    /** Inserts a field at the top. */
    static Edit prependHeader(String name, String value) {
        return new InsertHeader(0, name, value);
    }

    /** Replaces the body. */
    static Edit body(NewBody body) {
        return new ReplaceBody(body);
    }
}
