// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.posthouse.api.service.Dns;

/** A resolver that knows what the test tells it. */
public final class FakeDns implements Dns {
    private final Map<String, List<Object>> records = new HashMap<>();
    private final Map<String, Status> states = new HashMap<>();

    public FakeDns mx(String domain, int preference, String host) {
        records.computeIfAbsent("MX " + domain, k -> new ArrayList<>()).add(new Mx(preference, host));
        return this;
    }

    public FakeDns a(String host, String address) throws java.net.UnknownHostException {
        String type = address.contains(":") ? "AAAA " : "A ";
        records.computeIfAbsent(type + host, k -> new ArrayList<>()).add(InetAddress.getByName(address));
        return this;
    }

    public FakeDns state(String typeAndName, Status status) {
        states.put(typeAndName, status);
        return this;
    }

    private <T> Answer<T> answer(String key, Class<T> type) {
        Status state = states.get(key);
        List<Object> found = records.get(key);
        if (state != null || found == null) {
            return new Answer<>(Objects.requireNonNullElse(state, Status.NO_DATA), List.of(), false, Duration.ZERO);
        }
        return new Answer<>(Status.FOUND, found.stream().map(type::cast).toList(), false, Duration.ZERO);
    }

    @Override
    public Answer<Mx> mx(String domain) {
        return answer("MX " + domain, Mx.class);
    }

    @Override
    public Answer<InetAddress> a(String host) {
        return answer("A " + host, InetAddress.class);
    }

    @Override
    public Answer<InetAddress> aaaa(String host) {
        return answer("AAAA " + host, InetAddress.class);
    }

    @Override
    public Answer<String> txt(String name) {
        return answer("TXT " + name, String.class);
    }

    @Override
    public Answer<String> ptr(InetAddress address) {
        return answer("PTR " + address.getHostAddress(), String.class);
    }

    @Override
    public Answer<Tlsa> tlsa(String name) {
        return answer("TLSA " + name, Tlsa.class);
    }
}
