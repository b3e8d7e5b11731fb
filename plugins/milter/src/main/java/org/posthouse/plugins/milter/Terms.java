// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.outside.daemon.Endpoint;

/**
 * What one line of the configuration says of a milter.
 *
 * @param name for log and metrics
 * @param endpoint where it listens
 * @param connect how long connecting may take
 * @param command how long an answer may take
 * @param content the same from DATA to the end of the message
 * @param down what happens when it does not answer
 */
record Terms(String name, Endpoint endpoint, Duration connect, Duration command, Duration content, Down down) {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m)");

    /** Reads {@code ADDRESS key=value …}; what it does not say is as in these terms. */
    static Terms parse(String line, Function<Endpoint, Terms> usual) {
        String[] words = line.strip().split("\\s+");
        Endpoint endpoint = Endpoint.parse(turned(words[0]));
        Terms terms = usual.apply(endpoint);
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            String key = equals < 0 ? words[i] : words[i].substring(0, equals);
            terms = terms.with(key, words[i].substring(equals + 1), line);
        }
        return terms;
    }

    /** Sendmail writes {@code port@host}. */
    private static String turned(String address) {
        return address.replaceFirst("^(inet6?:)?(\\d+)@(.+)$", "$3:$2");
    }

    private Terms with(String key, String value, String line) {
        return switch (key) {
            case "name" -> new Terms(value, endpoint, connect, command, content, down);
            case "connectTimeout" -> new Terms(name, endpoint, duration(value), command, content, down);
            case "commandTimeout" -> new Terms(name, endpoint, connect, duration(value), content, down);
            case "contentTimeout" -> new Terms(name, endpoint, connect, command, duration(value), down);
            case "whenDown" -> new Terms(name, endpoint, connect, command, content, Down.parse(value));
            default -> throw new IllegalArgumentException("unknown key " + key + " in: " + line);
        };
    }

    private static Duration duration(String text) {
        Matcher parts = DURATION.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not a span of time such as 500ms, 30s or 4m: " + text);
        }
        long number = Long.parseLong(parts.group(1));
        Map<String, Long> millis = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L);
        return Duration.ofMillis(number * millis.getOrDefault(parts.group(2), 1L));
    }
}
