// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.Dns;

/** The names of the client, of which those count that have its address (RFC 7208 5.5). Each is asked for once. */
final class ReverseNames {
    /** RFC 7208 4.6.4: all names behind these are ignored. */
    private static final int MOST_NAMES = 10;

    private static final String UNKNOWN = "unknown";

    private final Dns dns;
    private final InetAddress client;
    private final Questions questions;
    private final Map<String, Boolean> valid = new HashMap<>();
    private Dns.@Nullable Answer<String> answer;

    ReverseNames(Dns dns, InetAddress client, Questions questions) {
        this.dns = dns;
        this.client = client;
        this.questions = questions;
    }

    /** Whether a valid one is the domain or stands below it. An error of DNS is no match. */
    boolean in(String domain) throws SpfException {
        Dns.Answer<String> names = names();
        if (names.status() != Dns.Status.TEMPORARY && !names.found()) {
            questions.nothing();
        }
        for (String name : first(names)) {
            if (Domains.within(name, domain) && valid(name)) {
                return true;
            }
        }
        return false;
    }

    /** RFC 7208 7.3, macro p: best the domain itself, then one below it, then any. */
    String best(String domain) throws SpfException {
        if (answer == null) {
            questions.term(); // RFC 7208 4.6.4: it counts like the mechanism.
        }
        List<String> ordered = new ArrayList<>(first(names()));
        ordered.sort(Comparator.comparingInt(name -> distance(name, domain)));
        for (String name : ordered) {
            if (valid(name)) {
                return name;
            }
        }
        return UNKNOWN;
    }

    private Dns.Answer<String> names() throws SpfException {
        Dns.Answer<String> known = answer;
        if (known == null) {
            known = questions.ask(() -> dns.ptr(client));
            answer = known;
        }
        return known;
    }

    private static List<String> first(Dns.Answer<String> names) {
        return names.records().subList(0, Math.min(names.records().size(), MOST_NAMES));
    }

    private static int distance(String name, String domain) {
        if (name.equalsIgnoreCase(domain)) {
            return 0;
        }
        return Domains.within(name, domain) ? 1 : 2;
    }

    private boolean valid(String name) throws SpfException {
        Boolean known = valid.get(name);
        if (known == null) {
            boolean six = client.getAddress().length == 16;
            known = questions
                    .ask(() -> six ? dns.aaaa(name) : dns.a(name))
                    .records()
                    .contains(client);
            valid.put(name, known);
        }
        return known;
    }
}
