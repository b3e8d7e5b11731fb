// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.posthouse.cluster.protocol.Register;

/** The registers in a file of lines: written aside, synced, then put in the place of the old ones. */
final class RegisterFile {
    private static final String TITLE = "posthouse registers 1";

    private final Path file;
    private final String self;

    /**
     * @param self the name of this member: registers of another one would make it forget its own votes
     */
    RegisterFile(Path folder, String self) throws IOException {
        Files.createDirectories(folder);
        this.file = folder.resolve("registers");
        this.self = self;
    }

    /**
     * What was written last; nothing when there is no file.
     *
     * @throws IOException when it can not be read, is damaged or is of another member
     */
    Remembered read() throws IOException {
        if (!Files.exists(file)) {
            return Remembered.NOTHING;
        }
        List<String> lines =
                Files.readString(file, StandardCharsets.UTF_8).lines().toList();
        try {
            return parse(lines);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw damaged(e);
        }
    }

    private Remembered parse(List<String> lines) throws IOException {
        List<String> body = lines.subList(0, lines.size() - 1);
        if (!lines.getFirst().equals(TITLE) || !lines.getLast().equals(check(body))) {
            throw damaged(null);
        }
        String[] owner = body.get(1).split(" ");
        if (!owner[1].equals(self)) {
            throw new IOException(file + " is of the member " + owner[1] + ", and cluster.self is " + self
                    + ": two members must not share a data folder");
        }
        List<Register> registers = new ArrayList<>();
        for (String line : body.subList(2, body.size())) {
            String[] word = line.split(" ");
            registers.add(new Register(word[0], Long.parseLong(word[1]), Long.parseLong(word[2])));
        }
        return new Remembered(registers, Long.parseLong(owner[3]));
    }

    private IOException damaged(@Nullable Exception cause) {
        return new IOException(
                file
                        + " is damaged. Without it this node has forgotten its votes: move it away, and the node settles in"
                        + " like one with an empty disk, for which the others have to be up",
                cause);
    }

    void write(Remembered what) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(TITLE);
        lines.add("member " + self + " since " + what.emptySince());
        what.registers().forEach(r -> lines.add(r.node() + " " + r.seen() + " " + r.floor()));
        lines.add(check(lines));
        Path draft = file.resolveSibling("registers.new");
        try (FileChannel out = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer octets = StandardCharsets.UTF_8.encode(String.join("\n", lines) + "\n");
            while (octets.hasRemaining()) {
                out.write(octets);
            }
            out.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
            // The name, too, must survive.
            folder.force(true);
        }
    }

    private static String check(List<String> lines) {
        CRC32C crc = new CRC32C();
        crc.update(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
        return "check " + Long.toHexString(crc.getValue());
    }
}
