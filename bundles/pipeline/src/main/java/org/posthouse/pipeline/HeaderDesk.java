// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;
import org.posthouse.pipeline.spi.HeaderBlock;

/**
 * Applies the header edits of one hook. Names, occurrences and positions mean the fields as the hook saw them, however
 * many edits came before; octets of fields that nobody edits stay as they are.
 */
final class HeaderDesk {
    private final List<Slot> slots = new ArrayList<>();
    private final List<String> bottom = new ArrayList<>();
    private boolean touched;

    /** A field as it was seen: what it is now (empty when removed), and what was put right above it, top down. */
    private static final class Slot {
        private final Header seen;
        private final List<String> above = new ArrayList<>(0);
        private String now;

        Slot(Header seen) {
            this.seen = seen;
            this.now = seen.raw();
        }
    }

    HeaderDesk(HeaderBlock block) {
        block.all().forEach(field -> slots.add(new Slot(field)));
    }

    void add(Edit.AddHeader edit) {
        bottom.add(field(edit.name(), edit.value()));
        touched = true;
    }

    void insert(Edit.InsertHeader edit) {
        if (edit.index() < 0) {
            throw new IllegalArgumentException("negative header position " + edit.index());
        }
        String field = field(edit.name(), edit.value());
        if (edit.index() < slots.size()) {
            slots.get(edit.index()).above.addFirst(field);
        } else {
            bottom.add(field);
        }
        touched = true;
    }

    /** A field that is not there is not changed. */
    void change(Edit.ChangeHeader edit) {
        String field = field(edit.name(), edit.value());
        for (Slot slot : named(edit.name(), edit.occurrence())) {
            slot.now = field;
            touched = true;
        }
    }

    void remove(Edit.RemoveHeader edit) {
        for (Slot slot : named(edit.name(), edit.occurrence())) {
            slot.now = "";
            touched = true;
        }
    }

    private List<Slot> named(String name, int occurrence) {
        if (occurrence < 0) {
            throw new IllegalArgumentException("negative occurrence " + occurrence + " of header " + name);
        }
        List<Slot> found = slots.stream().filter(slot -> slot.seen.is(name)).toList();
        if (occurrence == 0) {
            return found;
        }
        return occurrence <= found.size() ? List.of(found.get(occurrence - 1)) : List.of();
    }

    boolean touched() {
        return touched;
    }

    Head done() {
        StringBuilder out = new StringBuilder();
        for (Slot slot : slots) {
            slot.above.forEach(out::append);
            out.append(slot.now);
        }
        if (!out.isEmpty() && !bottom.isEmpty() && out.charAt(out.length() - 1) != '\n') {
            out.append("\r\n"); // A message that ends within its header block may lack the last line end.
        }
        bottom.forEach(out::append);
        return new Head(out.toString());
    }

    /** A field of octets; what would end the field or the header block early is refused (RFC 5322 2.2). */
    static String field(String name, String value) {
        if (name.isEmpty() || !name.chars().allMatch(c -> c > 32 && c < 127 && c != ':')) {
            throw new IllegalArgumentException("not a header field name: " + name);
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean folded = c == '\r' && i + 2 < value.length() && value.charAt(i + 1) == '\n' && blank(value, i + 2);
            boolean afterCr = c == '\n' && i > 0 && value.charAt(i - 1) == '\r';
            if (c == 0 || c == '\r' && !folded || c == '\n' && !afterCr) {
                throw new IllegalArgumentException("line end or NUL inside the value of header " + name);
            }
        }
        String text = name + ": " + value + "\r\n";
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static boolean blank(String value, int at) {
        return value.charAt(at) == ' ' || value.charAt(at) == '\t';
    }
}
