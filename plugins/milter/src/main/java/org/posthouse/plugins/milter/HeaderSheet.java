// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;

/**
 * The header fields as milters leave them, one change after the other.
 *
 * <p>A milter's numbers mean the fields as they stand when the change comes; those of {@link Edit} mean the fields as the
 * hook was shown them. So changes are made here first, and what became of it is told as edits.
 */
final class HeaderSheet {
    private static final int UNSEEN = -1;

    private final List<Header> seen;
    private final List<Slot> slots;

    /**
     * A field as it stands now.
     *
     * @param origin its place among the fields that the hook was shown; {@link #UNSEEN} for a new one
     * @param name its name
     * @param text what follows the colon, octets as ISO 8859-1, lines ended by LF but the last
     * @param changed whether it is another than it was
     */
    private record Slot(int origin, String name, String text, boolean changed) {}

    HeaderSheet(List<Header> seen) {
        this.seen = seen;
        this.slots = new ArrayList<>(seen.size() + 2);
        for (int i = 0; i < seen.size(); i++) {
            Header field = seen.get(i);
            String raw = field.raw();
            String text = raw.substring(raw.indexOf(':') + 1).replace("\r\n", "\n");
            slots.add(new Slot(i, field.name(), withoutEnd(text), false));
        }
    }

    private HeaderSheet(HeaderSheet other) {
        this.seen = other.seen;
        this.slots = new ArrayList<>(other.slots);
    }

    private static String withoutEnd(String text) {
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /** The same fields, to be changed on their own. */
    HeaderSheet copy() {
        return new HeaderSheet(this);
    }

    /** A field as a milter is shown it: a name, and what follows the colon. */
    record Field(String name, String text) {}

    /** All fields that have a name, from top to bottom. */
    List<Field> fields() {
        return slots.stream()
                .filter(slot -> !slot.name().isEmpty())
                .map(slot -> new Field(slot.name(), slot.text()))
                .toList();
    }

    void add(Field field) {
        slots.add(fresh(field));
    }

    /** Inserts a field so that it stands at this place; beyond the last one it is added. */
    void insert(int index, Field field) {
        slots.add(Math.min(index, slots.size()), fresh(field));
    }

    private static Slot fresh(Field field) {
        return new Slot(UNSEEN, field.name(), field.text(), true);
    }

    /** Gives the so many-th field of this name another text; where there is none it is added, as Sendmail does. */
    void change(int occurrence, Field field) {
        int at = find(field.name(), occurrence);
        if (at < 0) {
            add(field);
        } else {
            slots.set(at, new Slot(slots.get(at).origin(), field.name(), field.text(), true));
        }
    }

    /** Removes the so many-th field of this name, if there is one. */
    void remove(int occurrence, String name) {
        int at = find(name, occurrence);
        if (at >= 0) {
            slots.remove(at);
        }
    }

    /** The place of the so many-th field of this name; 0 is taken for 1, as Sendmail does. */
    private int find(String name, int occurrence) {
        int left = Math.max(1, occurrence);
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).name().equalsIgnoreCase(name) && --left == 0) {
                return i;
            }
        }
        return -1;
    }

    /** What was done to the fields that the hook was shown. */
    List<Edit> edits() {
        List<Edit> edits = new ArrayList<>();
        Set<Integer> left = new HashSet<>();
        slots.forEach(slot -> left.add(slot.origin()));
        int[] occurrences = occurrences();
        for (int i = 0; i < seen.size(); i++) {
            if (!left.contains(i)) {
                edits.add(new Edit.RemoveHeader(seen.get(i).name(), occurrences[i]));
            }
        }
        List<Edit> bottom = new ArrayList<>();
        int below = UNSEEN;
        // From the bottom up: of two that are inserted at one place the core puts the later one on top.
        for (Slot slot : slots.reversed()) {
            if (slot.origin() != UNSEEN) {
                below = slot.origin();
                if (slot.changed()) {
                    edits.add(new Edit.ChangeHeader(slot.name(), occurrences[below], value(slot.text())));
                }
            } else if (below == UNSEEN) {
                bottom.addFirst(new Edit.AddHeader(slot.name(), value(slot.text())));
            } else {
                edits.add(new Edit.InsertHeader(below, slot.name(), value(slot.text())));
            }
        }
        edits.addAll(bottom);
        return edits;
    }

    /** The how-many-th of its name each seen field is. */
    private int[] occurrences() {
        Map<String, Integer> counts = new HashMap<>();
        int[] occurrences = new int[seen.size()];
        for (int i = 0; i < occurrences.length; i++) {
            occurrences[i] = counts.merge(seen.get(i).name().toLowerCase(Locale.ROOT), 1, Integer::sum);
        }
        return occurrences;
    }

    /** The text as the core takes it: behind colon and space, folded by CRLF, no line without a beginning. */
    private static String value(String text) {
        String octets = text.startsWith(" ") ? text.substring(1) : text;
        StringBuilder value = new StringBuilder();
        for (String line : decoded(octets).replace("\r", "").split("\n", -1)) {
            boolean first = value.isEmpty();
            if (!first && line.isBlank()) {
                continue;
            }
            if (!first) {
                value.append("\r\n");
                value.append(line.charAt(0) == ' ' || line.charAt(0) == '\t' ? "" : "\t");
            }
            value.append(line);
        }
        return value.toString();
    }

    private static String decoded(String octets) {
        byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            // Octets of some other charset: what can be carried of them is their characters in Latin-1.
            return octets;
        }
    }
}
