// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.testkit.server.SinkServer;

/**
 * Where all mail goes: it refuses bad recipients for good, some others the first time, and takes its time before it says that
 * it took a message, so that there is always something in flight and something that waits.
 */
final class NextHop implements SinkServer.Host, AutoCloseable {
    static final int PORT = 2526;
    private static final int DEFERS_ONE_OF = 5;
    private static final int SLOW_ONE_OF = 10;
    private static final Pattern FAILED =
            Pattern.compile("(?m)^Final-Recipient: rfc822; (\\S+)\\r?\\n(?:[^\\r\\n]+\\r?\\n)*?Action: failed");

    private final History history;
    private final SinkServer server;
    private final Set<String> deferred = ConcurrentHashMap.newKeySet();

    NextHop(String world, History history) throws IOException {
        this.history = history;
        this.server = new SinkServer(new InetSocketAddress(world, PORT), this);
    }

    @Override
    public String recipient(String command) {
        Mark mark = Mark.in(command).orElse(null);
        if (mark != null && mark.role() == Mark.BAD) {
            return "550 5.1.1 nobody here by that name";
        }
        if (mark != null && command.hashCode() % DEFERS_ONE_OF == 0 && deferred.add(command)) {
            return "450 4.2.0 once more";
        }
        return "250 2.1.5 ok";
    }

    @Override
    public void take(SinkServer.Arrival arrival) {
        String by = arrival.client().replace(".test", "");
        List<Integer> good = new ArrayList<>();
        String letter = "";
        for (String command : arrival.recipients()) {
            deferred.remove(command);
            Mark mark = Mark.in(command).orElse(new Mark('?', 0, command));
            letter = mark.letter();
            if (mark.role() == Mark.SENDER) {
                history.write(new Entry.Told(now(), letter, by, failed(arrival.body())));
            } else {
                good.add(mark.index());
            }
        }
        if (!good.isEmpty()) {
            history.write(new Entry.Arrived(now(), letter, by, good));
        }
        ThreadLocalRandom random = ThreadLocalRandom.current();
        LockSupport.parkNanos(random.nextLong(random.nextInt(SLOW_ONE_OF) == 0 ? 300_000_000L : 20_000_000L));
    }

    /** Which recipients a notice says failed (RFC 3464 2.3). */
    static List<Integer> failed(String notice) {
        List<Integer> failed = new ArrayList<>();
        Matcher found = FAILED.matcher(notice);
        while (found.find()) {
            Mark.in(found.group(1)).ifPresent(m -> failed.add(m.index()));
        }
        return failed;
    }

    private static long now() {
        return System.currentTimeMillis();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
