// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.posthouse.api.service.Dns.Answer;
import org.posthouse.api.service.Dns.Mx;
import org.posthouse.api.service.Dns.Status;
import org.posthouse.api.service.Dns.Tlsa;

/** An answer as text, for recordings: status, whether it is authentic and its TTL, then a line for each record. */
final class AnswerText {
    private AnswerText() {}

    static <T> String write(Answer<T> answer, Function<T, String> record) {
        StringBuilder out = new StringBuilder();
        out.append(answer.status()).append(' ').append(answer.authentic() ? "authentic" : "plain");
        out.append(' ').append(answer.ttl().toSeconds());
        answer.records().forEach(one -> out.append('\n').append(record.apply(one)));
        return out.toString();
    }

    /**
     * Reads it again.
     *
     * @throws IllegalArgumentException when it is no answer
     */
    static <T> Answer<T> read(String text, Function<String, T> record) {
        List<String> lines = List.of(text.split("\n", -1));
        String[] first = lines.get(0).split(" ", -1);
        if (first.length != 3) {
            throw new IllegalArgumentException("not an answer: " + lines.get(0));
        }
        return new Answer<>(
                Status.valueOf(first[0]),
                lines.subList(1, lines.size()).stream().map(record).toList(),
                first[1].equals("authentic"),
                Duration.ofSeconds(Long.parseLong(first[2])));
    }

    static String mx(Mx mx) {
        return mx.preference() + " " + mx.host();
    }

    static Mx mx(String line) {
        int space = line.indexOf(' ');
        return new Mx(Integer.parseInt(line.substring(0, space)), line.substring(space + 1));
    }

    static String address(InetAddress address) {
        return address.getHostAddress();
    }

    static InetAddress address(String line) {
        try {
            return InetAddress.getByName(line);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + line, e);
        }
    }

    /** Octets as they came, for a text record may hold line ends. */
    static String text(String value) {
        return HexFormat.of().formatHex(value.getBytes(StandardCharsets.ISO_8859_1));
    }

    static String textOf(String line) {
        return new String(HexFormat.of().parseHex(line), StandardCharsets.ISO_8859_1);
    }

    static String tlsa(Tlsa tlsa) {
        return tlsa.usage() + " " + tlsa.selector() + " " + tlsa.matching() + " "
                + HexFormat.of().formatHex(tlsa.data());
    }

    static Tlsa tlsa(String line) {
        String[] parts = line.split(" ", -1);
        return new Tlsa(
                Integer.parseInt(parts[0]),
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                HexFormat.of().parseHex(parts[3]));
    }
}
