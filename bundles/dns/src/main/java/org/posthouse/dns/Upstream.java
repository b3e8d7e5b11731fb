// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** The configured servers, asked one after the other until one gives an answer that can be used. */
final class Upstream {
    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);
    private static final Duration SHORTEST_TRY = Duration.ofMillis(250);
    /** The DNS flag day 2020 size: answers that fit travel unfragmented, the others come over TCP. */
    private static final int UDP_PAYLOAD = 1232;

    private final List<InetSocketAddress> servers;
    private final int rounds;
    private final Duration perTry;
    private final boolean dnssec;
    private final Executor executor;

    Upstream(Settings settings, Executor executor) {
        this.servers = settings.servers();
        this.rounds = settings.retries() + 1;
        Duration share = settings.timeout().dividedBy((long) rounds * Math.max(1, servers.size()));
        this.perTry = share.compareTo(SHORTEST_TRY) < 0 ? SHORTEST_TRY : share;
        this.dnssec = settings.trustAd();
        this.executor = executor;
    }

    /** The first answer that is NOERROR or NXDOMAIN; empty when no server gave one before the deadline. */
    Optional<Message> ask(Name name, int type, long deadline) throws InterruptedException {
        for (int round = 0; round < rounds; round++) {
            for (InetSocketAddress server : servers) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return Optional.empty();
                }
                Optional<Message> answer = askOne(server, name, type, left);
                if (answer.isPresent()) {
                    return answer;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Message> askOne(InetSocketAddress server, Name name, int type, long left)
            throws InterruptedException {
        long nanos = Math.min(left, perTry.toNanos());
        CompletionStage<Message> sent = resolver(server, nanos).sendAsync(query(name, type), executor);
        try {
            Message answer = sent.toCompletableFuture().get(nanos, TimeUnit.NANOSECONDS);
            return usable(answer) ? Optional.of(answer) : Optional.empty();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("No answer from {} for {}", server, name, e);
            return Optional.empty();
        }
    }

    /** SERVFAIL, REFUSED, a referral and the like say nothing about the name: the next server may know better. */
    private static boolean usable(Message answer) {
        int code = answer.getRcode();
        return code == Rcode.NXDOMAIN || (code == Rcode.NOERROR && !referral(answer));
    }

    /** RFC 2308 2.2: no answer and name servers without a SOA, so the server did not ask on; taken for "no data" it would bounce mail. */
    private static boolean referral(Message answer) {
        boolean servers = answer.getSection(Section.AUTHORITY).stream().anyMatch(r -> r.getType() == Type.NS);
        boolean soa = answer.getSection(Section.AUTHORITY).stream().anyMatch(r -> r.getType() == Type.SOA);
        return answer.getSection(Section.ANSWER).isEmpty()
                && servers
                && !soa
                && !answer.getHeader().getFlag(Flags.AA);
    }

    private SimpleResolver resolver(InetSocketAddress server, long nanos) {
        SimpleResolver resolver = new SimpleResolver(server);
        resolver.setTimeout(Duration.ofNanos(nanos));
        resolver.setEDNS(0, UDP_PAYLOAD, dnssec ? ExtendedFlags.DO : 0, List.of());
        return resolver;
    }

    private Message query(Name name, int type) {
        Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
        if (dnssec) {
            query.getHeader().setFlag(Flags.AD);
        }
        return query;
    }
}
