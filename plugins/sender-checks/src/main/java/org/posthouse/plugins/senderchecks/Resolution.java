// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.senderchecks;

import java.util.List;
import java.util.function.Function;
import org.posthouse.api.service.Dns;

/** Whether a name has what mail needs, as DNS says. */
enum Resolution {
    /** It has a mail exchanger or an address. */
    FOUND,
    /** It says that it takes no mail (RFC 7505). */
    NULL_MX,
    /** It has neither, or does not exist. */
    NOTHING,
    /** It can not be told now. */
    UNKNOWN;

    /**
     * Where mail to this domain would go: to its mail exchangers, and where there are none to its own addresses (RFC 5321
     * 5.1).
     */
    static Resolution ofSender(Dns dns, String domain) {
        Dns.Answer<Dns.Mx> exchangers = dns.mx(domain);
        return switch (exchangers.status()) {
            case FOUND -> nullMx(exchangers.records()) ? NULL_MX : FOUND;
            case NO_NAME -> NOTHING;
            case TEMPORARY -> UNKNOWN;
            case NO_DATA -> first(domain, List.of(dns::a, dns::aaaa));
        };
    }

    /** RFC 7505 3: a null MX is the only one; beside others the root is a host that does not exist. */
    private static boolean nullMx(List<Dns.Mx> exchangers) {
        return exchangers.stream().allMatch(exchanger -> exchanger.host().isEmpty());
    }

    /** RFC 5321 2.3.5: names of hosts resolve to addresses, those of domains to mail exchangers. */
    static Resolution ofHost(Dns dns, String host) {
        return first(host, List.of(dns::a, dns::aaaa, dns::mx));
    }

    /** Asks one question after the other until one is answered by records, or no other can be. */
    private static Resolution first(String name, List<Function<String, Dns.Answer<?>>> questions) {
        for (Function<String, Dns.Answer<?>> question : questions) {
            switch (question.apply(name).status()) {
                case FOUND -> {
                    return FOUND;
                }
                case NO_NAME -> {
                    return NOTHING;
                }
                case TEMPORARY -> {
                    return UNKNOWN;
                }
                case NO_DATA -> {}
            }
        }
        return NOTHING;
    }
}
