// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Event;
import org.posthouse.api.service.Events;
import org.posthouse.telemetry.spi.EventHistory;

/** Reads the event log behind a cursor, over rotations; what was deleted or lost meanwhile shows by the numbers. */
final class LogReader implements EventHistory {
    private static final Pattern CURSOR = Pattern.compile("(\\d{1,18})\\.(\\d{1,18})\\.(\\d{1,18})");

    private final Path file;

    LogReader(Path file) {
        this.file = file;
    }

    /**
     * Where a page ended.
     *
     * @param first the number of the first event of the file
     * @param offset where the next line begins in it
     * @param next the number that the next event should have
     */
    private record Cursor(long first, long offset, long next) {
        static @Nullable Cursor parse(String text) {
            if (text.isEmpty()) {
                return null;
            }
            Matcher parts = CURSOR.matcher(text);
            if (!parts.matches()) {
                throw new IllegalArgumentException("Not a cursor of the event log: " + text);
            }
            return new Cursor(
                    Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3)));
        }

        @Override
        public String toString() {
            return first + "." + offset + "." + next;
        }
    }

    /** The number of the last event in the log, 0 when there is none. */
    static long last(Path file) throws IOException {
        List<Segment> segments = Segment.all(file);
        try {
            return segments.isEmpty() ? 0 : segments.get(segments.size() - 1).last();
        } finally {
            close(segments);
        }
    }

    private static void close(List<Segment> segments) throws IOException {
        for (Segment segment : segments) {
            segment.close();
        }
    }

    @Override
    public Events.Page read(String text, int most) throws IOException {
        Cursor cursor = Cursor.parse(text);
        List<Segment> segments = Segment.all(file);
        try {
            return segments.isEmpty() ? new Events.Page(List.of(), text, 0) : page(segments, cursor, most);
        } finally {
            close(segments);
        }
    }

    private static Events.Page page(List<Segment> segments, @Nullable Cursor cursor, int most) throws IOException {
        long oldest = segments.get(0).first();
        long last = segments.get(segments.size() - 1).last();
        if (cursor == null || cursor.next() > last + 1) {
            // The first page; or the log was begun anew, and nobody can tell what was in the old one.
            return new Walk(segments, 0, oldest).page(0, most);
        }
        int index = 0;
        for (int i = 0; i < segments.size(); i++) {
            index = segments.get(i).first() <= cursor.next() ? i : index;
        }
        // The end of one file is the beginning of the next; the cursor may name either.
        for (int i = Math.max(0, index - 1); i <= index; i++) {
            Segment segment = segments.get(i);
            if (segment.first() == cursor.first() && segment.before(cursor.offset()) == cursor.next() - 1) {
                return new Walk(segments, i, cursor.next()).page(cursor.offset(), most);
            }
        }
        return new Walk(segments, index, cursor.next()).page(0, most);
    }

    /** One page while it is read. */
    private static final class Walk {
        private final List<Segment> segments;
        private final List<Event> events = new ArrayList<>();
        private int index;
        private long next;
        private long lost;

        Walk(List<Segment> segments, int index, long next) {
            this.segments = segments;
            this.index = index;
            this.next = next;
        }

        Events.Page page(long offset, int most) throws IOException {
            Segment segment = segments.get(index);
            segment.seek(offset);
            while (events.size() < most) {
                String line = segment.line();
                if (line != null) {
                    take(EventParser.parse(line));
                } else if (index + 1 < segments.size()) {
                    index++;
                    segment = segments.get(index);
                    segment.seek(0);
                } else {
                    break;
                }
            }
            return new Events.Page(events, new Cursor(segment.first(), segment.position(), next).toString(), lost);
        }

        private void take(EventParser.@Nullable Line line) {
            if (line == null || line.sequence() < next) {
                return;
            }
            lost += line.sequence() - next;
            next = line.sequence() + 1;
            if (line.event() != null) {
                events.add(line.event());
            }
        }
    }
}
