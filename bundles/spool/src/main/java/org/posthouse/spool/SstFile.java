// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a table file without RocksDB, block by block, past damaged ones: with sequence numbers and deletions, which
 * RocksDB's own reader does not tell Java. Knows the one format that {@link StoreOptions} writes: version 2, no
 * compression, CRC32C.
 */
final class SstFile implements Cursor {
    private static final long MAGIC = 0x88e241b785f4cff7L;
    private static final int FOOTER = 53;
    private static final int TRAILER = 5;
    private static final int MAX_BLOCK = 64 << 20;

    private record Handle(long offset, int size) {}

    private final FileChannel channel;

    private final List<Handle> blocks;
    private int nextBlock;
    private @Nullable ByteBuffer block;
    private int end;
    private byte[] internal = new byte[0];
    private byte[] key = new byte[0];
    private long packed;
    private byte[] value = new byte[0];
    private long bad;

    SstFile(Path file) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.READ);
        List<Handle> found;
        try {
            found = index();
        } catch (IOException | BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
            bad++;
            found = List.of();
        }
        blocks = found.isEmpty() ? sequence() : found;
    }

    /** Blocks that could not be read. */
    long bad() {
        return bad;
    }

    private List<Handle> index() throws IOException {
        ByteBuffer footer = read(Math.max(0, channel.size() - FOOTER), FOOTER);
        if (footer.getLong(FOOTER - 8) != MAGIC) {
            throw new IOException("No table");
        }
        footer.position(1);
        Wire.number(footer);
        Wire.number(footer);
        ByteBuffer index = checked(new Handle(Wire.number(footer), Wire.small(footer)));
        if (index == null) {
            throw new IOException("The index is damaged");
        }
        List<Handle> found = new ArrayList<>();
        int limit = entriesEnd(index);
        byte[] last = new byte[0];
        while (index.position() < limit) {
            last = entryKey(index, last);
            ByteBuffer handle = ByteBuffer.wrap(value);
            found.add(new Handle(Wire.number(handle), Wire.small(handle)));
        }
        return found;
    }

    private ByteBuffer read(long offset, int size) throws IOException {
        if (offset < 0 || size < 0 || size > MAX_BLOCK || offset + size > channel.size()) {
            throw new IOException("Beyond the end");
        }
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        while (out.hasRemaining()) {
            if (channel.read(out, offset + out.position()) < 0) {
                throw new IOException("Beyond the end");
            }
        }
        return out.flip();
    }

    /** The block, or null when its checksum is wrong. */
    private @Nullable ByteBuffer checked(Handle handle) throws IOException {
        ByteBuffer in = read(handle.offset(), handle.size() + TRAILER);
        boolean good = in.get(handle.size()) == 0
                && LogFile.masked(in.array(), 0, handle.size() + 1) == in.getInt(handle.size() + 1);
        return good ? in.limit(handle.size()) : null;
    }

    private static int entriesEnd(ByteBuffer block) {
        int restarts = block.getInt(block.limit() - 4) & 0x7FFFFFFF;
        return block.limit() - 4 - 4 * restarts;
    }

    /** Reads an entry: gives back its key, leaves its value. */
    private byte[] entryKey(ByteBuffer in, byte[] last) {
        int shared = Wire.small(in);
        int own = Wire.small(in);
        int length = Wire.small(in);
        if (shared > last.length || (long) own + length > in.remaining()) {
            throw new IllegalArgumentException("No entry");
        }
        byte[] next = Arrays.copyOf(last, shared + own);
        in.get(next, shared, own);
        value = new byte[length];
        in.get(value);
        return next;
    }

    /** Without an index: blocks follow each other from the start of the file until one can not be read. */
    private List<Handle> sequence() {
        List<Handle> found = new ArrayList<>();
        long offset = 0;
        for (int size = blockAt(offset); size > 0; size = blockAt(offset)) {
            found.add(new Handle(offset, size));
            offset += size + TRAILER;
        }
        return found;
    }

    private int blockAt(long offset) {
        int entries = 0;
        byte[] last = new byte[0];
        try {
            ByteBuffer in = read(offset, (int) Math.min(1 << 20, channel.size() - offset));
            // The table of restarts begins with an offset of 0, which can be no entry: a key has at least 8 octets.
            while (in.getInt(in.position()) != 0) {
                last = entryKey(in, last);
                entries++;
            }
            int size = in.position() + 4 * ((entries + 15) / 16) + 4;
            boolean data = entries > 0 && last.length > 8 && table(last[0]) != null;
            return data && checked(new Handle(offset, size)) != null ? size : 0;
        } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException | IOException e) {
            bad++;
            return 0;
        }
    }

    /** The table whose keys begin with this mark. */
    static @Nullable Table table(byte mark) {
        for (Table table : Table.values()) {
            if (table.mark() == mark) {
                return table;
            }
        }
        return null;
    }

    @Override
    public boolean next() throws IOException {
        while (true) {
            ByteBuffer in = block;
            if (in != null && in.position() < end) {
                try {
                    internal = entryKey(in, internal);
                    key = Arrays.copyOf(internal, internal.length - 8);
                    packed = ByteBuffer.wrap(internal)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong(internal.length - 8);
                    return true;
                } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException e) {
                    bad++;
                    block = null;
                }
            } else if (nextBlock < blocks.size()) {
                enter(blocks.get(nextBlock++));
            } else {
                return false;
            }
        }
    }

    private void enter(Handle handle) {
        internal = new byte[0];
        try {
            block = checked(handle);
        } catch (IOException e) {
            block = null;
        }
        ByteBuffer in = block;
        if (in == null) {
            bad++;
        } else {
            end = entriesEnd(in);
        }
    }

    @Override
    public byte[] key() {
        return key;
    }

    @Override
    public long packed() {
        return packed;
    }

    @Override
    public byte[] value() {
        return value;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
