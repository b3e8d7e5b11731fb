// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import org.posthouse.api.Reply;
import org.posthouse.itests.fuzz.Claim;

/** Replies of next hops: a reply that can be told to people, or none. */
public final class ReplyTarget {
    private static final StalledWrites WATCH = new StalledWrites(Duration.ofHours(1));

    private ReplyTarget() {}

    /** A socket at whose other end these octets wait. */
    private static final class Still extends Socket {
        private final byte[] octets;

        Still(byte[] octets) {
            this.octets = octets;
        }

        @Override
        public InputStream getInputStream() {
            return new ByteArrayInputStream(octets);
        }

        @Override
        public OutputStream getOutputStream() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public synchronized void setSoTimeout(int timeout) {}
    }

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        try (Socket socket = new Still(data)) {
            ReplyReader reader = new ReplyReader(new Wire(socket, WATCH));
            for (int i = 0; i <= data.length; i++) {
                Reply reply = reader.read(Duration.ofMinutes(5)).reply();
                Claim.that(reply.text().codePoints().noneMatch(Character::isISOControl), () -> "a control character");
                Claim.that(reply.text().length() <= 200_000, () -> "an endless reply");
            }
            throw new AssertionError("more replies than octets");
        } catch (NotSmtp | EOFException e) {
            Claim.that(e.getMessage() != null, () -> "a failure without a word");
        } catch (IOException e) {
            Claim.same(Wire.closed().getMessage(), e.getMessage());
        }
    }
}
