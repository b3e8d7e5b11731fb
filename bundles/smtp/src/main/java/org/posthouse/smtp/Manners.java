// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * Whether a client speaks in its turn only. It speaks early when octets of its own are there before the banner (RFC 5321
 * 4.3.1), or behind a command whose reply it had to wait for (RFC 2920 3.1). What belongs to a PROXY header or a TLS handshake
 * is used up before this begins to watch. Hooks read it from threads of their own; the session's thread alone writes.
 */
final class Manners implements BooleanSupplier {
    private static final int VERB = 4;

    private final Wire wire;
    private final Framer framer;
    private volatile boolean greeting = true;
    private volatile boolean early;

    Manners(Wire wire, Framer framer) {
        this.wire = wire;
        this.framer = framer;
        look();
    }

    /** Whether it spoke early, until now. */
    @Override
    public boolean getAsBoolean() {
        return early || (greeting && wire.pending());
    }

    /** The banner is what is sent next. */
    void greeted() {
        look();
        greeting = false;
    }

    /**
     * A command came.
     *
     * @param line the line, empty when it was none
     * @param pipelining whether PIPELINING was offered at the last EHLO
     * @return whether its reply has to be awaited; then {@link #answered} is to be called before that is sent
     */
    boolean command(byte[] line, boolean pipelining) {
        String verb = new String(line, 0, Math.min(VERB, line.length), StandardCharsets.ISO_8859_1);
        return switch (verb.toUpperCase(Locale.ROOT)) {
            // RFC 3030 2: the chunk follows without a reply in between.
            case "BDAT" -> false;
            // RFC 3207 4.2: behind its reply come a handshake and the client's first words inside it.
            case "STAR" -> {
                look();
                yield false;
            }
            // RFC 2920 3.1: the last of a group. What comes behind the data, before their reply, is not looked at.
            case "DATA" -> {
                look();
                yield false;
            }
            case "EHLO", "HELO" -> {
                look();
                yield true;
            }
            default -> {
                if (!pipelining) {
                    look();
                }
                yield !pipelining;
            }
        };
    }

    /** The reply to a command that had to be awaited is what is sent next. */
    void answered() {
        look();
    }

    private void look() {
        if (framer.pending() || wire.pending()) {
            early = true;
        }
    }
}
