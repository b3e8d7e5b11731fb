// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.posthouse.api.service.Dns;
import org.posthouse.dns.AnswerCache.Question;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** A stub resolver with a cache; threads that ask the same question at the same time share one lookup. */
final class CachingDns implements Dns, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CachingDns.class);
    /** How much longer than the lookup itself its askers wait: for the hand-over between threads. */
    private static final Duration GRACE = Duration.ofMillis(250);

    private final Settings settings;
    private final ExecutorService threads;
    private final Upstream upstream;
    private final AnswerCache cache;
    private final Semaphore permits;
    private final Map<Question, CompletableFuture<Found>> running = new ConcurrentHashMap<>();

    CachingDns(Settings settings) {
        this.settings = settings;
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("dns-", 0).factory());
        this.upstream = new Upstream(settings, threads);
        this.cache = new AnswerCache(settings.cacheSize(), System::nanoTime);
        this.permits = new Semaphore(settings.concurrency());
    }

    @Override
    public Answer<Mx> mx(String domain) {
        Answer<Mx> answer =
                answer(domain, Type.MX, MXRecord.class, r -> new Mx(r.getPriority(), Names.text(r.getTarget())));
        return new Answer<>(
                answer.status(),
                answer.records().stream()
                        .sorted(Comparator.comparingInt(Mx::preference))
                        .toList(),
                answer.authentic(),
                answer.ttl());
    }

    @Override
    public Answer<InetAddress> a(String host) {
        return answer(host, Type.A, ARecord.class, ARecord::getAddress);
    }

    @Override
    public Answer<InetAddress> aaaa(String host) {
        return answer(host, Type.AAAA, AAAARecord.class, AAAARecord::getAddress);
    }

    @Override
    public Answer<String> txt(String name) {
        return answer(name, Type.TXT, TXTRecord.class, CachingDns::joined);
    }

    /** The strings of a TXT record without anything between them; octets kept (ISO 8859-1). */
    private static String joined(TXTRecord record) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        record.getStringsAsByteArrays().forEach(all::writeBytes);
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public Answer<String> ptr(InetAddress address) {
        Name name = ReverseMap.fromAddress(address);
        return translate(find(name, Type.PTR), PTRRecord.class, r -> Names.text(r.getTarget()));
    }

    @Override
    public Answer<Tlsa> tlsa(String name) {
        return answer(
                name,
                Type.TLSA,
                TLSARecord.class,
                r -> new Tlsa(
                        r.getCertificateUsage(),
                        r.getSelector(),
                        r.getMatchingType(),
                        r.getCertificateAssociationData()));
    }

    private <R extends Record, T> Answer<T> answer(String text, int type, Class<R> kind, Function<R, T> reader) {
        Optional<Name> name = Names.absolute(text);
        return translate(name.isEmpty() ? Found.NO_NAME : find(name.get(), type), kind, reader);
    }

    private static <R extends Record, T> Answer<T> translate(Found found, Class<R> kind, Function<R, T> reader) {
        List<T> records = new ArrayList<>(found.records().size());
        for (Record record : found.records()) {
            if (kind.isInstance(record)) {
                records.add(reader.apply(kind.cast(record)));
            }
        }
        return new Answer<>(found.status(), records, found.authentic(), Duration.ofSeconds(found.ttl()));
    }

    private Found find(Name name, int type) {
        Question question = new Question(name, type);
        Optional<AnswerCache.Kept> kept = cache.get(question);
        if (kept.isPresent()) {
            Found found = kept.get().found();
            return new Found(
                    found.status(),
                    found.records(),
                    found.authentic(),
                    TimeUnit.NANOSECONDS.toSeconds(kept.get().nanosLeft()));
        }
        return await(running.computeIfAbsent(question, this::start));
    }

    private CompletableFuture<Found> start(Question question) {
        CompletableFuture<Found> future = new CompletableFuture<>();
        try {
            threads.execute(() -> run(question, future));
        } catch (RejectedExecutionException e) {
            LOG.debug("Asked for {} after the end", question.name(), e);
            future.complete(Found.TEMPORARY);
        }
        return future;
    }

    private void run(Question question, CompletableFuture<Found> future) {
        Found found = Found.TEMPORARY;
        try {
            found = lookup(question);
            cache.put(question, found);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("Asking for {} {} failed", Type.string(question.type()), question.name(), e);
        } finally {
            running.remove(question, future);
            future.complete(found);
        }
    }

    private Found lookup(Question question) throws InterruptedException {
        if (!permits.tryAcquire(settings.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
            return Found.TEMPORARY;
        }
        try {
            return new Lookup(upstream, settings, question.type()).run(question.name());
        } finally {
            permits.release();
        }
    }

    private Found await(CompletableFuture<Found> future) {
        try {
            return future.get(settings.timeout().plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Found.TEMPORARY;
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("No answer in time", e);
            return Found.TEMPORARY;
        }
    }

    /** Ends the lookups that are under way; their askers get a temporary failure. */
    @Override
    public void close() {
        threads.shutdownNow();
        running.values().forEach(f -> f.complete(Found.TEMPORARY));
    }
}
