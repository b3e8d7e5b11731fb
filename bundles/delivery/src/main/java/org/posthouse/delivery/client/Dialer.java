// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes connections: host after host in the order of preference, address after address (RFC 5321 5.1). */
public final class Dialer {
    private static final Logger LOG = LoggerFactory.getLogger(Dialer.class);
    /** Hosts with dozens of dead addresses must not hold a lane for an hour. */
    private static final int MOST_ADDRESSES = 10;

    private final Addresses addresses;
    private final Timeouts timeouts;
    private final Racer racer;
    private final String ourName;
    private final boolean allowOurs;
    private final PlainHosts plainHosts;
    private final StalledWrites watch;
    private final TlsClient tls = new TlsClient();

    /**
     * @param source the local address connections leave from, or null for any
     * @param ourName what EHLO says
     * @param allowOurs whether mail exchangers may be this machine
     */
    public Dialer(
            Addresses addresses,
            Timeouts timeouts,
            @Nullable InetSocketAddress source,
            String ourName,
            boolean allowOurs,
            PlainHosts plainHosts,
            StalledWrites watch) {
        this.addresses = addresses;
        this.timeouts = timeouts;
        this.racer = new Racer(timeouts.connect(), source);
        this.ourName = ourName;
        this.allowOurs = allowOurs;
        this.plainHosts = plainHosts;
        this.watch = watch;
    }

    /**
     * The first connection that stands.
     *
     * @throws Unreached when no host can be reached; permanent only when all of them said so
     */
    public Link dial(Hop hop) throws Unreached, InterruptedException {
        Failures failures = new Failures();
        int left = MOST_ADDRESSES;
        for (List<String> group : hop.groups()) {
            List<String> shuffled = new ArrayList<>(group);
            // RFC 5321 5.1: hosts of equal preference are tried in random order.
            Collections.shuffle(shuffled);
            for (String host : shuffled) {
                // A host without an address counts as one: looking up hundreds of them takes as long.
                List<InetSocketAddress> candidates = left > 0 ? candidates(hop, host, failures) : List.of();
                left -= candidates.isEmpty() ? 1 : 0;
                while (!candidates.isEmpty() && left-- > 0) {
                    Link link = tryOne(hop, host, candidates, failures);
                    if (link != null) {
                        return link;
                    }
                }
            }
        }
        throw failures.verdict();
    }

    private List<InetSocketAddress> candidates(Hop hop, String host, Failures failures) {
        Addresses.Known known = hop.guarded() ? addresses.of(host) : addresses.ofNextHop(host);
        List<InetSocketAddress> candidates = new ArrayList<>();
        for (InetAddress address : known.addresses()) {
            if (hop.guarded() && !allowOurs && Addresses.ours(address)) {
                failures.add(new Reply(554, "5.4.6", "Mail for this host loops back to myself"), host);
            } else {
                candidates.add(new InetSocketAddress(address, hop.port()));
            }
        }
        if (known.addresses().isEmpty()) {
            failures.add(
                    known.temporary()
                            ? new Reply(451, "4.4.3", "The address of the host can not be found now")
                            : new Reply(550, "5.4.4", "The host has no address"),
                    host);
        }
        return candidates;
    }

    /** Takes the address that was tried off the list; null when it did not work. */
    private @Nullable Link tryOne(Hop hop, String host, List<InetSocketAddress> candidates, Failures failures)
            throws InterruptedException {
        Racer.Winner winner;
        try {
            winner = racer.connect(candidates);
        } catch (IOException e) {
            failures.add(Troubles.unreached(e), host + "[" + text(candidates.get(0)) + "]:" + hop.port());
            candidates.clear();
            return null;
        }
        InetSocketAddress address = winner.address();
        candidates.remove(address);
        try {
            return greet(hop, host, winner, plainHosts.contains(host));
        } catch (BrokenTls e) {
            LOG.info("STARTTLS of {} is broken, going on in clear: {}", host, String.valueOf(e.getCause()));
            plainHosts.add(host);
            return inClear(hop, host, address, failures);
        } catch (IOException e) {
            failures.add(e, host + "[" + text(address) + "]:" + hop.port());
            return null;
        }
    }

    private @Nullable Link inClear(Hop hop, String host, InetSocketAddress address, Failures failures)
            throws InterruptedException {
        try {
            return greet(hop, host, racer.connect(List.of(address)), true);
        } catch (IOException e) {
            failures.add(e, host + "[" + text(address) + "]:" + hop.port());
            return null;
        }
    }

    private Link greet(Hop hop, String host, Racer.Winner winner, boolean plain) throws IOException {
        Link link = new Link(winner.socket(), host, winner.address(), hop.lmtp(), timeouts, watch);
        try {
            link.greet(ourName, hop.tls(), plain, tls);
            return link;
        } catch (IOException | RuntimeException e) {
            link.drop();
            throw e;
        }
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress();
    }

    /** What was heard on the way; the first temporary failure counts for more than any permanent one. */
    private static final class Failures {
        private @Nullable Unreached temporary;
        private @Nullable Unreached permanent;

        void add(IOException e, String host) {
            if (e instanceof Unreached unreached) {
                add(unreached.reply(), unreached.host());
            } else {
                add(Troubles.unreached(e), host);
            }
        }

        void add(Reply reply, String host) {
            if (reply.permanent()) {
                permanent = permanent == null ? new Unreached(reply, host) : permanent;
            } else {
                Reply later = reply.temporary() ? reply : new Reply(451, "4.5.0", "Greeting out of place: " + reply);
                temporary = temporary == null ? new Unreached(later, host) : temporary;
            }
        }

        Unreached verdict() {
            if (temporary != null) {
                return temporary;
            }
            return permanent != null
                    ? permanent
                    : new Unreached(new Reply(451, "4.4.4", "There is no host to ask"), "");
        }
    }
}
