// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.Dns;
import org.posthouse.outside.daemon.Outage;
import org.posthouse.outside.daemon.Watchdog;

/** One milter of the configuration: opens connections with it, keeps some for later sessions, and counts what it says. */
final class Milter implements AutoCloseable {
    private static final Duration MOST_IDLE = Duration.ofSeconds(60);

    private final Terms terms;
    private final Dns dns;
    private final Watchdog watchdog;
    private final MeterRegistry meters;
    private final Outage outage;
    private final int keep;
    private final ConcurrentLinkedDeque<Kept> shelf = new ConcurrentLinkedDeque<>();
    private final AtomicInteger kept = new AtomicInteger();

    /** A connection without a session, since when. */
    private record Kept(Dialogue dialogue, long since) {}

    Milter(Terms terms, Dns dns, Watchdog watchdog, MeterRegistry meters, Outage outage, int keep) {
        this.terms = terms;
        this.dns = dns;
        this.watchdog = watchdog;
        this.meters = meters;
        this.outage = outage;
        this.keep = keep;
    }

    Terms terms() {
        return terms;
    }

    /** A connection that an earlier session left, or null. */
    @Nullable
    Dialogue inherit() {
        for (Kept one = shelf.pollFirst(); one != null; one = shelf.pollFirst()) {
            kept.decrementAndGet();
            if (System.nanoTime() - one.since() < MOST_IDLE.toNanos()) {
                return one.dialogue();
            }
            one.dialogue().close();
        }
        return null;
    }

    /** A new connection, negotiated. */
    Dialogue open(Deadline deadline) throws MilterException {
        if (outage.resting()) {
            throw new MilterException(outage.reason());
        }
        try {
            Dialogue dialogue = new Dialogue(connect(deadline), watchdog);
            dialogue.negotiate(deadline.atMost(terms.command()));
            return dialogue;
        } catch (MilterException e) {
            throw e;
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private MilterException unreachable(IOException e) {
        String why = terms.endpoint() + " can not be reached: " + e;
        // An impatient server says nothing of the milter.
        if (!(e instanceof ClosedByInterruptException)) {
            outage.unreachable(why);
        }
        return new MilterException(why, e, false);
    }

    private SocketChannel connect(Deadline deadline) throws IOException {
        IOException last = new IOException("no address");
        Deadline end = new Deadline(System.nanoTime() + deadline.atMost(terms.connect()));
        for (SocketAddress address : terms.endpoint().addresses(dns)) {
            SocketChannel socket = address instanceof UnixDomainSocketAddress
                    ? SocketChannel.open(StandardProtocolFamily.UNIX)
                    : SocketChannel.open();
            try {
                long left = end.end() - System.nanoTime();
                watchdog.within(left, socket, () -> socket.connect(address));
                if (socket.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
                    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
                }
                return socket;
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                socket.close();
                last = e;
            }
        }
        throw last;
    }

    /** The session that had this connection is over. */
    void leave(Dialogue dialogue) {
        if (keep == 0 || dialogue.options().version() < Options.NEWEST) {
            dialogue.quit();
        } else if (kept.incrementAndGet() > keep) {
            kept.decrementAndGet();
            dialogue.quit();
        } else if (dialogue.quitAndStay()) {
            shelf.addFirst(new Kept(dialogue, System.nanoTime()));
        } else {
            kept.decrementAndGet();
        }
    }

    /** It gave an answer. */
    void said(Step step, Answer answer) {
        if (step == Step.END_OF_MESSAGE) {
            outage.over();
        }
        if (!(answer instanceof Answer.Continue)) {
            count(step, answer.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        }
    }

    /** It gave none. */
    void failed(Step step, MilterException e) {
        outage.failed(e.reason());
        count(step, "none");
    }

    /** It changed a message. */
    void changed(Answer.Change change) {
        count(Step.END_OF_MESSAGE, change.getClass().getSimpleName().toLowerCase(Locale.ROOT));
    }

    private void count(Step step, String answer) {
        Counter.builder("posthouse.milter.answers")
                .description("What milters said beside that they have no objection; none when they said nothing")
                .tag("milter", terms.name())
                .tag("step", step.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .tag("answer", answer)
                .register(meters)
                .increment();
    }

    @Override
    public void close() {
        for (Kept one = shelf.pollFirst(); one != null; one = shelf.pollFirst()) {
            one.dialogue().quit();
        }
    }

    @Override
    public String toString() {
        return "milter " + terms.name();
    }
}
