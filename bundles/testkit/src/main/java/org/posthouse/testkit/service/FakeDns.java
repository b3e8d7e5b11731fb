// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.service;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.posthouse.api.service.Dns;

/**
 * A resolver that answers what a test told it; every other name does not exist.
 *
 * <p>A zone can be broken: {@link #servfail} answers at once that it can not be told now, {@link #silent} says nothing until
 * the time limit has passed or the asking thread is interrupted, as the server's resolver does.
 */
public final class FakeDns implements Dns {
    private static final Duration TTL = Duration.ofMinutes(5);
    private static final String ALL = "*";

    private final Map<String, List<Object>> records = new ConcurrentHashMap<>();
    private final Map<String, Boolean> broken = new ConcurrentHashMap<>();
    private final List<String> questions = new CopyOnWriteArrayList<>();
    private volatile boolean authentic;
    private volatile Duration limit = Duration.ofSeconds(5);

    /** Adds a mail exchanger; an empty host is the null MX. */
    public FakeDns mx(String domain, int preference, String host) {
        return add("mx", domain, new Mx(preference, host));
    }

    /** Adds an address, IPv4 or IPv6, and the name of that address. */
    public FakeDns address(String host, String ip) {
        InetAddress address = parsed(ip);
        add(address.getAddress().length == 4 ? "a" : "aaaa", host, address);
        return add("ptr", address.getHostAddress(), host);
    }

    /** Adds a name of an address, without an address of that name. */
    public FakeDns ptr(String ip, String host) {
        return add("ptr", parsed(ip).getHostAddress(), host);
    }

    /** Adds a text record. */
    public FakeDns txt(String name, String text) {
        return add("txt", name, text);
    }

    /** Adds a TLSA record. */
    public FakeDns tlsa(String name, int usage, int selector, int matching, String hex) {
        return add(
                "tlsa", name, new Tlsa(usage, selector, matching, HexFormat.of().parseHex(hex)));
    }

    /** Answers are validated by DNSSEC from now on. */
    public FakeDns authentic() {
        authentic = true;
        return this;
    }

    /** Questions about this name are answered with a temporary failure at once; {@code *} is every name. */
    public FakeDns servfail(String name) {
        broken.put(key(name), false);
        return this;
    }

    /** Questions about this name are not answered within the time limit; {@code *} is every name. */
    public FakeDns silent(String name) {
        broken.put(key(name), true);
        return this;
    }

    /** How long a question about a silent name takes. */
    public FakeDns limit(Duration time) {
        limit = time;
        return this;
    }

    /** Every name answers again. */
    public FakeDns healed() {
        broken.clear();
        return this;
    }

    /** What was asked, such as {@code mx example.org}, in order. */
    public List<String> questions() {
        return List.copyOf(questions);
    }

    private FakeDns add(String type, String name, Object record) {
        records.computeIfAbsent(type + " " + key(name), k -> new CopyOnWriteArrayList<>())
                .add(record);
        return this;
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static InetAddress parsed(String ip) {
        try {
            return InetAddress.getByName(ip);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(ip, e);
        }
    }

    private <T> Answer<T> ask(String type, String name, Class<T> kind) {
        String key = key(name);
        questions.add(type + " " + key);
        Boolean hangs = broken.getOrDefault(key, broken.get(ALL));
        if (hangs != null) {
            if (hangs) {
                hang();
            }
            return new Answer<>(Status.TEMPORARY, List.of(), false, Duration.ZERO);
        }
        List<Object> found = records.get(type + " " + key);
        if (found != null) {
            List<T> typed = new ArrayList<>();
            found.forEach(record -> typed.add(kind.cast(record)));
            return new Answer<>(Status.FOUND, typed, authentic, TTL);
        }
        boolean known = records.keySet().stream().anyMatch(question -> question.endsWith(" " + key));
        return new Answer<>(known ? Status.NO_DATA : Status.NO_NAME, List.of(), authentic, TTL);
    }

    private void hang() {
        try {
            Thread.sleep(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Answer<Mx> mx(String domain) {
        return ask("mx", domain, Mx.class);
    }

    @Override
    public Answer<InetAddress> a(String host) {
        return ask("a", host, InetAddress.class);
    }

    @Override
    public Answer<InetAddress> aaaa(String host) {
        return ask("aaaa", host, InetAddress.class);
    }

    @Override
    public Answer<String> txt(String name) {
        return ask("txt", name, String.class);
    }

    @Override
    public Answer<String> ptr(InetAddress address) {
        return ask("ptr", address.getHostAddress(), String.class);
    }

    @Override
    public Answer<Tlsa> tlsa(String name) {
        return ask("tlsa", name, Tlsa.class);
    }
}
