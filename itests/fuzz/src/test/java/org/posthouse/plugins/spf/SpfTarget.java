// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.posthouse.api.Address;
import org.posthouse.api.service.Dns;
import org.posthouse.itests.fuzz.Claim;

/** SPF records, each line of the input one that DNS answers in turn: a result within the bounds of RFC 7208 4.6.4. */
public final class SpfTarget {
    private static final InetAddress V4 = address(192, 0, 2, 1);
    private static final InetAddress V6 = address(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    private static final long HOUR = Duration.ofHours(1).toNanos();

    private SpfTarget() {}

    private static InetAddress address(int... octets) {
        byte[] address = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            address[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) throws UnknownHostException {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        macros(text);
        Zone zone = new Zone(text.split("\n", -1));
        for (String address : List.of("192.0.2.9", "2001:db8::9")) {
            zone.questions = 0;
            Client client = new Client(InetAddress.getByName(address), "helo.example.org", "mx.example.net");
            Questions questions = new Questions(System::nanoTime, System.nanoTime() + HOUR, 2);
            Identity identity = Identity.of(new Address("anna", "example.org"), client.helo());
            Judgement judgement = new CheckHost(zone, client, identity, questions, InstantSource.system()).run(true);
            Claim.that(zone.questions <= 260, () -> zone.questions + " questions");
            Claim.that(judgement.explanation().chars().allMatch(c -> c >= 32 && c < 127), () -> "not printable");
        }
    }

    private static void macros(String text) {
        for (MacroText.Use use : MacroText.Use.values()) {
            try {
                MacroText macros = MacroText.parse(text, use);
                Optional<String> domain = macros.domain(letter -> Optional.of("a.value-of." + letter));
                Claim.that(
                        domain.isEmpty()
                                || domain.get().length() <= 253
                                || domain.get().indexOf('.') < 0,
                        () -> "an endless domain");
                macros.explanation(letter -> Optional.of("x"));
            } catch (SpfException e) {
                Claim.that(!e.why().isEmpty(), () -> "an error without a word");
            }
        }
    }

    /** A resolver that has an answer to everything. */
    private static final class Zone implements Dns {
        private final String[] records;
        private int questions;

        Zone(String[] records) {
            this.records = records;
        }

        private <T> Answer<T> found(List<T> all) {
            questions++;
            return new Answer<>(Status.FOUND, all, false, Duration.ofMinutes(1));
        }

        @Override
        public Answer<String> txt(String name) {
            return found(List.of(records[questions % records.length]));
        }

        @Override
        public Answer<Mx> mx(String domain) {
            return found(IntStream.range(0, questions % 12)
                    .mapToObj(i -> new Mx(i, "mx" + i + ".example.org"))
                    .toList());
        }

        @Override
        public Answer<InetAddress> a(String host) {
            return found(List.of(V4));
        }

        @Override
        public Answer<InetAddress> aaaa(String host) {
            return found(List.of(V6));
        }

        @Override
        public Answer<String> ptr(InetAddress address) {
            return found(List.of("a.example.org", "b.example.org"));
        }

        @Override
        public Answer<Tlsa> tlsa(String name) {
            return found(List.of());
        }
    }
}
