// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.events;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One file of the event log while it is read, told by the number of its first event: names move on with each rotation,
 * and the system gives the identities of deleted files to new ones.
 */
final class Segment implements AutoCloseable {
    private static final int BLOCK = 64 << 10;

    private final FileChannel channel;
    private final long first;
    private long position;
    private byte[] buffer = new byte[0];
    private int start;

    private Segment(FileChannel channel) throws IOException {
        this.channel = channel;
        EventParser.Line line = null;
        for (String text = line(); text != null && line == null; text = line()) {
            line = EventParser.parse(text);
        }
        this.first = line == null ? -1 : line.sequence();
    }

    /** The files that hold events, oldest first. */
    static List<Segment> all(Path file) throws IOException {
        TreeMap<Long, Segment> found = new TreeMap<>(Comparator.naturalOrder());
        try {
            // From the youngest on: a rotation meanwhile shows a file twice, and never hides one.
            for (int i = 0; ; i++) {
                Path path = i == 0 ? file : file.resolveSibling(file.getFileName() + "." + i);
                Segment segment = open(path);
                if (segment == null && i > 0) {
                    return new ArrayList<>(found.values());
                }
                if (segment != null && (segment.first < 0 || found.putIfAbsent(segment.first, segment) != null)) {
                    segment.close();
                }
            }
        } catch (IOException | RuntimeException e) {
            for (Segment segment : found.values()) {
                segment.close();
            }
            throw e;
        }
    }

    private static @Nullable Segment open(Path path) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            return null;
        }
        try {
            return new Segment(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The number of the first event in it. */
    long first() {
        return first;
    }

    /** Where the next line begins. */
    long position() {
        return position;
    }

    /** Goes to an offset at which a line begins. */
    void seek(long offset) {
        position = offset;
        buffer = new byte[0];
        start = 0;
    }

    /** The next line without its end; null when there is no whole one, for the last may be being written. */
    @Nullable
    String line() throws IOException {
        int searched = start;
        while (true) {
            for (int i = searched; i < buffer.length; i++) {
                if (buffer[i] == '\n') {
                    String line = new String(buffer, start, i - start, StandardCharsets.UTF_8);
                    position += i + 1 - start;
                    start = i + 1;
                    return line;
                }
            }
            int kept = buffer.length - start;
            if (!more()) {
                return null;
            }
            searched = kept;
        }
    }

    private boolean more() throws IOException {
        int kept = buffer.length - start;
        ByteBuffer next = ByteBuffer.allocate(kept + BLOCK);
        next.put(buffer, start, kept);
        int read = channel.read(next, position + kept);
        if (read <= 0) {
            return false;
        }
        buffer = Arrays.copyOf(next.array(), kept + read);
        start = 0;
        return true;
    }

    /** The number of the event whose line ends right before the offset; -1 when there is none or it can not be told. */
    long before(long offset) throws IOException {
        if (offset <= 0 || offset > channel.size()) {
            return -1;
        }
        int length = (int) Math.min(offset, BLOCK);
        ByteBuffer block = ByteBuffer.allocate(length);
        while (block.hasRemaining() && channel.read(block, offset - length + block.position()) > 0) {
            continue;
        }
        byte[] octets = block.array();
        if (octets[length - 1] != '\n') {
            return -1;
        }
        int begin = length - 1;
        while (begin > 0 && octets[begin - 1] != '\n') {
            begin--;
        }
        EventParser.Line line =
                EventParser.parse(new String(octets, begin, length - 1 - begin, StandardCharsets.UTF_8));
        return line == null ? -1 : line.sequence();
    }

    /** The number of its last event. */
    long last() throws IOException {
        long number = before(channel.size());
        if (number >= 0) {
            return number;
        }
        // The last line is cut off, or very long: all are looked at.
        seek(0);
        for (String text = line(); text != null; text = line()) {
            EventParser.Line line = EventParser.parse(text);
            number = line == null ? number : line.sequence();
        }
        return number;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
