// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.iprev;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.posthouse.api.service.Dns;

/** Asks for the names of an address, and for the addresses of these names, until one is the first again (RFC 8601 3). */
final class ReverseLookup {
    private final Dns dns;
    private final int mostNames;
    private final Duration time;
    private final LongSupplier nanos;

    /**
     * A lookup.
     *
     * @param mostNames names behind these are not asked for: whoever owns the address may publish any number
     * @param time after this no more questions are asked
     * @param nanos a clock that runs evenly
     */
    ReverseLookup(Dns dns, int mostNames, Duration time, LongSupplier nanos) {
        this.dns = dns;
        this.mostNames = mostNames;
        this.time = time;
        this.nanos = nanos;
    }

    Finding of(InetAddress address) {
        long end = nanos.getAsLong() + time.toNanos();
        Dns.Answer<String> names = dns.ptr(address);
        if (names.status() == Dns.Status.TEMPORARY) {
            return Finding.of(Finding.Result.TEMPERROR);
        }
        if (!names.found()) {
            return Finding.of(Finding.Result.PERMERROR);
        }
        boolean told = true;
        List<String> first = names.records().subList(0, Math.min(names.records().size(), mostNames));
        for (String name : first) {
            if (nanos.getAsLong() - end >= 0) {
                return Finding.of(Finding.Result.TEMPERROR);
            }
            Dns.Answer<InetAddress> forward = address.getAddress().length == 4 ? dns.a(name) : dns.aaaa(name);
            if (forward.records().contains(address)) {
                return new Finding(Finding.Result.PASS, name);
            }
            told &= forward.status() != Dns.Status.TEMPORARY;
        }
        // The name that could not be asked for may be the right one.
        return Finding.of(told ? Finding.Result.FAIL : Finding.Result.TEMPERROR);
    }
}
