// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.posthouse.spool.spi.MessageId;
import org.posthouse.spool.spi.Progress;
import org.posthouse.spool.spi.State;

/**
 * How frames and responses are written as octets: a version, a letter for the kind, then the fields. A node reads the
 * version before its own as well, so that members can be upgraded one after the other; it refuses all others.
 */
public final class WireFormat {
    /** The version that this node writes. */
    public static final int VERSION = 1;
    /** The oldest one that it reads; one below {@link #VERSION} from the second version on. */
    public static final int OLDEST = 1;

    private static final int MOST = 1_000_000;
    private static final Shared SHARED = new Shared();
    // The numbers on the wire; the order of the enum may change, these may not.
    private static final List<State> STATES = List.of(
            State.UNJUDGED,
            State.QUEUED,
            State.IN_TRANSIT,
            State.DEFERRED,
            State.HELD,
            State.DELIVERED,
            State.FAILED,
            State.EXPIRED,
            State.DELETED);

    /** The octets are of a version that this node does not speak, or damaged. */
    public static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    private WireFormat() {}

    /** Writes a frame. */
    public static byte[] write(Frame f) {
        return octets(out -> {
            life(out, f.from());
            out.writeLong(f.emptySince());
            life(out, f.to());
            out.writeLong(f.number());
            message(out, f.message());
        });
    }

    /** Writes a response. */
    public static byte[] write(Response r) {
        return octets(out -> {
            life(out, r.from());
            out.writeLong(r.emptySince());
            answer(out, r.answer());
        });
    }

    /** Writes a record. */
    public static byte[] write(HeldMessage m) {
        return octets(out -> record(out, m));
    }

    /** Writes registers with the incarnation since which the disk has had everything. */
    public static byte[] write(List<Register> registers, long emptySince) {
        return octets(out -> {
            out.writeLong(emptySince);
            list(out, registers, WireFormat::register);
        });
    }

    /** Reads a record. */
    public static HeldMessage record(byte[] octets) throws Refused {
        return read(octets, WireFormat::record);
    }

    /** Reads the incarnation since which the disk has had everything. */
    public static long emptySince(byte[] registers) throws Refused {
        return read(registers, in -> {
            long since = in.readLong();
            list(in, WireFormat::register);
            return since;
        });
    }

    /** Reads registers. */
    public static List<Register> registers(byte[] registers) throws Refused {
        return read(registers, in -> {
            in.readLong();
            return list(in, WireFormat::register);
        });
    }

    /** Reads a frame. */
    public static Frame frame(byte[] octets) throws Refused {
        return read(octets, in -> new Frame(life(in), in.readLong(), life(in), in.readLong(), message(in)));
    }

    /** Reads a response. */
    public static Response response(byte[] octets) throws Refused {
        return read(octets, in -> new Response(life(in), in.readLong(), answer(in)));
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private interface Reading<T> {
        T from(DataInputStream in) throws IOException;
    }

    private static byte[] octets(Writing what) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            out.writeByte(VERSION);
            what.to(out);
        } catch (IOException e) {
            throw new IllegalStateException("a stream in memory failed", e);
        }
        return octets.toByteArray();
    }

    private static <T> T read(byte[] octets, Reading<T> how) throws Refused {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets))) {
            int version = in.readUnsignedByte();
            if (version < OLDEST || version > VERSION) {
                throw new Refused("The other member speaks version " + version + " of the cluster's protocol, this one "
                        + OLDEST + " to " + VERSION + ": upgrade one version after the other");
            }
            T value = how.from(in);
            if (in.read() >= 0) {
                throw new Refused("There is more than was expected");
            }
            return value;
        } catch (Refused e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            Refused refused = new Refused("The octets are damaged: " + e.getMessage());
            refused.initCause(e);
            throw refused;
        }
    }

    private static void message(DataOutputStream out, Message message) throws IOException {
        switch (message) {
            case Message.Hello hello -> out.writeByte('H');
            case Message.Renew renew -> {
                out.writeByte('R');
                out.writeBoolean(renew.leaving());
            }
            case Message.Fence fence -> {
                out.writeByte('F');
                life(out, fence.target());
            }
            case Message.Store store -> {
                out.writeByte('S');
                list(out, store.records(), WireFormat::record);
            }
            case Message.Drop drop -> {
                out.writeByte('D');
                id(out, drop.id());
                ballot(out, drop.ballot());
            }
            case Message.Claim claim -> {
                out.writeByte('C');
                record(out, claim.record());
                list(out, claim.fences(), WireFormat::register);
            }
            case Message.Inquire inquire -> {
                out.writeByte('I');
                record(out, inquire.record());
            }
            case Message.Aside aside -> bytes(letter(out, 'X'), aside.octets());
        }
    }

    private static Message message(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case 'H' -> new Message.Hello();
            case 'R' -> new Message.Renew(in.readBoolean());
            case 'F' -> new Message.Fence(life(in));
            case 'S' -> new Message.Store(list(in, WireFormat::record));
            case 'D' -> new Message.Drop(id(in), ballot(in));
            case 'C' -> new Message.Claim(record(in), list(in, WireFormat::register));
            case 'I' -> new Message.Inquire(record(in));
            case 'X' -> new Message.Aside(bytes(in));
            default -> throw new Refused("Unknown message " + kind);
        };
    }

    private static void answer(DataOutputStream out, Answer answer) throws IOException {
        switch (answer) {
            case Answer.Unknown unknown -> out.writeByte('U');
            case Answer.Late late -> out.writeByte('L');
            case Answer.NotReady notReady -> out.writeByte('N');
            case Answer.Voted voted -> out.writeByte('V');
            case Answer.Absent absent -> out.writeByte('A');
            case Answer.Lacking lacking -> out.writeByte('Q');
            case Answer.Fenced fenced -> register(letter(out, 'F'), fenced.register());
            case Answer.Renewed renewed -> {
                register(letter(out, 'R'), renewed.register());
                list(out, renewed.out(), (o, m) -> o.writeUTF(m));
            }
            case Answer.Beside beside -> bytes(letter(out, 'X'), beside.octets());
            case Answer.NoVote no -> letter(out, 'W').writeUTF(no.why());
            case Answer.Registers registers -> {
                list(letter(out, 'G'), registers.all(), WireFormat::register);
                out.writeBoolean(registers.empty());
            }
            case Answer.Kept kept -> {
                record(letter(out, 'K'), kept.record());
                out.writeBoolean(kept.current());
            }
            case Answer.Mine mine -> record(letter(out, 'M'), mine.record());
            case Answer.Outbid outbid -> record(letter(out, 'O'), outbid.record());
        }
    }

    private static DataOutputStream letter(DataOutputStream out, char kind) throws IOException {
        out.writeByte(kind);
        return out;
    }

    private static Answer answer(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case 'U' -> new Answer.Unknown();
            case 'L' -> new Answer.Late();
            case 'N' -> new Answer.NotReady();
            case 'V' -> new Answer.Voted();
            case 'A' -> new Answer.Absent();
            case 'Q' -> new Answer.Lacking();
            case 'F' -> new Answer.Fenced(register(in));
            case 'R' -> new Answer.Renewed(register(in), list(in, i -> i.readUTF()));
            case 'X' -> new Answer.Beside(bytes(in));
            case 'W' -> new Answer.NoVote(in.readUTF());
            case 'G' -> new Answer.Registers(list(in, WireFormat::register), in.readBoolean());
            case 'K' -> new Answer.Kept(record(in), in.readBoolean());
            case 'M' -> new Answer.Mine(record(in));
            case 'O' -> new Answer.Outbid(record(in));
            default -> throw new Refused("Unknown answer " + kind);
        };
    }

    private static void record(DataOutputStream out, HeldMessage m) throws IOException {
        id(out, m.id());
        ballot(out, m.ballot());
        out.writeBoolean(m.claiming());
        out.writeLong(m.version());
        out.writeLong(m.since());
        list(out, m.keepers(), WireFormat::keeper);
        list(out, m.recipients(), WireFormat::progress);
        list(out, List.copyOf(new TreeSet<>(m.doubted())), DataOutputStream::writeInt);
        list(out, m.companions(), WireFormat::id);
        out.writeLong(m.stamped());
    }

    private static HeldMessage record(DataInputStream in) throws IOException {
        MessageId id = id(in);
        Ballot ballot = ballot(in);
        boolean claiming = in.readBoolean();
        long version = in.readLong();
        long since = in.readLong();
        List<Keeper> keepers = SHARED.one(List.copyOf(list(in, WireFormat::keeper)));
        List<Progress> recipients = list(in, WireFormat::progress);
        Set<Integer> doubted = new HashSet<>(list(in, DataInputStream::readInt));
        List<MessageId> companions = list(in, WireFormat::id);
        return new HeldMessage(
                id, ballot, claiming, version, since, keepers, recipients, doubted, companions, in.readLong());
    }

    private static void progress(DataOutputStream out, Progress p) throws IOException {
        out.writeInt(p.recipient());
        out.writeByte(STATES.indexOf(p.state()));
        out.writeLong(p.epoch());
        out.writeLong(p.sequence());
        out.writeInt(p.attempts());
        time(out, p.due());
        text(out, p.reply());
        text(out, p.host());
        time(out, p.changed());
    }

    private static Progress progress(DataInputStream in) throws IOException {
        int recipient = in.readInt();
        int state = in.readUnsignedByte();
        if (state >= STATES.size()) {
            throw new Refused("Unknown state " + state);
        }
        return new Progress(
                recipient,
                STATES.get(state),
                in.readLong(),
                in.readLong(),
                in.readInt(),
                time(in),
                text(in),
                text(in),
                time(in));
    }

    private static String name(DataInputStream in) throws IOException {
        return SHARED.one(in.readUTF());
    }

    private static void keeper(DataOutputStream out, Keeper k) throws IOException {
        out.writeUTF(k.node());
        out.writeLong(k.incarnation());
        out.writeBoolean(k.wanted());
    }

    private static Keeper keeper(DataInputStream in) throws IOException {
        return SHARED.one(new Keeper(name(in), in.readLong(), in.readBoolean()));
    }

    private static void register(DataOutputStream out, Register r) throws IOException {
        out.writeUTF(r.node());
        out.writeLong(r.seen());
        out.writeLong(r.floor());
    }

    private static Register register(DataInputStream in) throws IOException {
        return new Register(name(in), in.readLong(), in.readLong());
    }

    private static void ballot(DataOutputStream out, Ballot b) throws IOException {
        out.writeLong(b.epoch());
        life(out, b.owner());
    }

    private static Ballot ballot(DataInputStream in) throws IOException {
        return SHARED.one(new Ballot(in.readLong(), life(in)));
    }

    private static void life(DataOutputStream out, Incarnation i) throws IOException {
        out.writeUTF(i.node());
        out.writeLong(i.number());
    }

    private static Incarnation life(DataInputStream in) throws IOException {
        return SHARED.one(new Incarnation(name(in), in.readLong()));
    }

    private static void id(DataOutputStream out, MessageId id) throws IOException {
        out.writeLong(id.high());
        out.writeLong(id.low());
    }

    private static MessageId id(DataInputStream in) throws IOException {
        return new MessageId(in.readLong(), in.readLong());
    }

    private static void time(DataOutputStream out, Instant time) throws IOException {
        out.writeLong(time.getEpochSecond());
        out.writeInt(time.getNano());
    }

    private static Instant time(DataInputStream in) throws IOException {
        long second = in.readLong();
        int nano = in.readInt();
        if (second < Instant.MIN.getEpochSecond()
                || second > Instant.MAX.getEpochSecond()
                || nano < 0
                || nano > 999_999_999) {
            throw new Refused("A time that there is not");
        }
        return Instant.ofEpochSecond(second, nano);
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        bytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static void bytes(DataOutputStream out, byte[] octets) throws IOException {
        out.writeInt(octets.length);
        out.write(octets);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new Refused("A field of " + length + " octets");
        }
        return in.readNBytes(length);
    }

    private interface Each<T> {
        void write(DataOutputStream out, T value) throws IOException;
    }

    private static <T> void list(DataOutputStream out, List<T> values, Each<T> each) throws IOException {
        out.writeInt(values.size());
        for (T value : values) {
            each.write(out, value);
        }
    }

    private static <T> List<T> list(DataInputStream in, Reading<T> each) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > Math.min(MOST, in.available())) {
            throw new Refused("A list of " + size);
        }
        List<T> values = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            values.add(each.from(in));
        }
        return values;
    }
}
