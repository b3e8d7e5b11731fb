// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.List;
import java.util.stream.Stream;

/**
 * The configured members, as this one sees them. Majorities are always of the configured members, never of those that
 * happen to be up.
 *
 * @param self the name of this member
 * @param mail the members that store mail, in the order of succession
 * @param witnesses the members that only vote
 */
public record Membership(String self, List<String> mail, List<String> witnesses) {
    public Membership {
        mail = List.copyOf(mail);
        witnesses = List.copyOf(witnesses);
    }

    /** How many members there are. */
    public int size() {
        return mail.size() + witnesses.size();
    }

    /** More than half of the members. */
    public int majority() {
        return size() / 2 + 1;
    }

    /** All other members. */
    public List<String> others() {
        return Stream.concat(mail.stream(), witnesses.stream())
                .filter(m -> !m.equals(self))
                .toList();
    }

    /** All other members that store mail. */
    public List<String> otherMail() {
        return mail.stream().filter(m -> !m.equals(self)).toList();
    }

    /** Whether there is such a member. */
    public boolean has(String member) {
        return mail.contains(member) || witnesses.contains(member);
    }

    /** Whether this member stores mail. */
    public boolean storesMail() {
        return mail.contains(self);
    }
}
