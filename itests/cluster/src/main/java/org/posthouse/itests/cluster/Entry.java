// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** Something that happened, with its time in milliseconds since 1970 by the clock of the driver. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "what")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Entry.Sent.class, name = "sent"),
    @JsonSubTypes.Type(value = Entry.Answered.class, name = "answered"),
    @JsonSubTypes.Type(value = Entry.Arrived.class, name = "arrived"),
    @JsonSubTypes.Type(value = Entry.Told.class, name = "told"),
    @JsonSubTypes.Type(value = Entry.Doubted.class, name = "doubted"),
    @JsonSubTypes.Type(value = Entry.Struck.class, name = "struck"),
    @JsonSubTypes.Type(value = Entry.Healed.class, name = "healed"),
    @JsonSubTypes.Type(value = Entry.Drained.class, name = "drained"),
    @JsonSubTypes.Type(value = Entry.Stuck.class, name = "stuck"),
    @JsonSubTypes.Type(value = Entry.Renewed.class, name = "renewed"),
    @JsonSubTypes.Type(value = Entry.Broken.class, name = "broken")
})
sealed interface Entry {
    long at();

    /** A node is about to get the final dot of a letter. */
    record Sent(long at, String letter, String node, int good, int bad) implements Entry {}

    /** It answered the dot, or did not. */
    record Answered(long at, String letter, Answer answer, String reply) implements Entry {}

    /** The next hop took a letter for these recipients. */
    record Arrived(long at, String letter, String by, List<Integer> recipients) implements Entry {}

    /** The next hop took a notice to the sender of a letter, which says that these recipients failed. */
    record Told(long at, String letter, String by, List<Integer> failed) implements Entry {}

    /** A node said that this recipient, or the sender of a notice, may get it twice. */
    record Doubted(long at, String node, String address) implements Entry {}

    /** A fault began. */
    record Struck(long at, int fault, Kind kind, List<String> nodes, String how) implements Entry {}

    /** It ended. */
    record Healed(long at, int fault) implements Entry {}

    /** After it, all queues were empty. */
    record Drained(long at, int fault) implements Entry {}

    /** After it, this node had these messages and did not get rid of them, or did not come back at all. */
    record Stuck(long at, int fault, String node, String how) implements Entry {}

    /** After a finding all nodes began anew with empty disks: what was on its way is not looked for any more. */
    record Renewed(long at) implements Entry {}

    /**
     * The driver itself was ended here and begins again, with all nodes: its next hop did not confirm what it had just
     * taken.
     */
    record Broken(long at, int fault) implements Entry {}

    /** What became of a final dot. */
    enum Answer {
        ACKNOWLEDGED,
        REFUSED,
        /** The connection broke, or nothing came in time. */
        NONE
    }
}
