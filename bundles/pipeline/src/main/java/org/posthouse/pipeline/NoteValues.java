// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthouse.api.Note;

/** The values that notes of message scope may hold, since they travel on disk and to other nodes. */
final class NoteValues {
    private NoteValues() {}

    /** A copy of the value that nobody can change. */
    static Object checked(Note<?> note, Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(element -> scalar(note, element)).toList();
        }
        return scalar(note, value);
    }

    private static Object scalar(Note<?> note, Object value) {
        return switch (value) {
            case String s -> s;
            case Long l -> l;
            case Double d -> d;
            case Boolean b -> b;
            case byte[] octets -> octets.clone();
            default ->
                throw new IllegalArgumentException("message note " + note.name() + " can not hold a "
                        + value.getClass().getName());
        };
    }

    static <T> Optional<T> get(Map<String, Object> notes, Note<T> note) {
        Object value = notes.get(note.name());
        return note.type().isInstance(value) ? Optional.of(note.type().cast(value)) : Optional.empty();
    }
}
