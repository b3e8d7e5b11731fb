// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks and converts values that have a unit; the names are those of {@code org.posthouse.api.config.Unit.Kind}. */
final class Units {
    private static final Pattern SPAN = Pattern.compile("(\\d{1,15})(ms|s|m|h|d|w)");
    private static final Map<String, Long> SPANS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L, "w", 604_800_000L);
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,6})?)\\s*(?i:([kmgt]?i?)b)?");
    private static final Pattern RATE = Pattern.compile("[1-9]\\d{0,11}/(?:s|sec|second|m|min|minute|h|hour|d|day)");
    private static final Pattern SOCKET = Pattern.compile("(?:\\[([0-9a-fA-F:.%]+)]|([^\\s:/\\[\\]]+)):(\\d{1,5})");
    private static final Pattern V4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern LABEL =
            Pattern.compile("[\\p{L}\\p{N}_](?:[\\p{L}\\p{M}\\p{N}_-]*[\\p{L}\\p{M}\\p{N}_])?");
    private static final Pattern STEP = Pattern.compile("([^*]+)(?:\\*([1-9]\\d{0,4}))?");
    private static final Pattern HOP = Pattern.compile("mx|[a-z][a-z0-9+.-]*://?[^\\s]+");

    private Units() {}

    /** What a value of this unit looks like, for findings and the reference. */
    static String expected(String unit) {
        return switch (unit) {
            case "DURATION" -> "a duration such as 500ms, 30s, 5m, 4h or 5d";
            case "SIZE" -> "a size such as 64kB, 25MB or 1GiB";
            case "RATE" -> "a rate such as 100/hour or 10/s";
            case "SOCKET" -> "a socket address such as 127.0.0.1:25 or [::1]:25";
            case "NETWORK" -> "a network such as 192.0.2.0/24 or a single address";
            case "DOMAIN" -> "a domain name, *.domain or *";
            case "SCHEDULE" -> "a retry schedule such as 1m,5m*2,1h";
            case "HOP" -> "mx or a URI such as smtp://host:port";
            case "FILE" -> "a file such as /etc/posthouse/list, or a name in the data folder";
            default -> "a value of the unknown unit " + unit;
        };
    }

    /**
     * The converted value: a {@code Long} for durations and sizes, else the checked text; throws when it is none.
     *
     * @param data the folder in which relative files stand
     */
    static Object convert(String unit, String text, Path data) throws BadValue {
        return switch (unit) {
            case "DURATION" -> duration(text);
            case "SIZE" -> size(text);
            case "RATE" -> checked(unit, text, RATE.matcher(text).matches());
            case "SOCKET" -> checked(unit, text, socket(text));
            case "NETWORK" -> checked(unit, text, network(text));
            case "DOMAIN" -> checked(unit, text.toLowerCase(Locale.ROOT), domain(text));
            case "SCHEDULE" -> checked(unit, text, schedule(text));
            case "HOP" -> checked(unit, text, HOP.matcher(text).matches());
            case "FILE" -> file(text, data);
            default -> throw new BadValue(expected(unit));
        };
    }

    private static String checked(String unit, String text, boolean good) throws BadValue {
        if (!good) {
            throw new BadValue(expected(unit));
        }
        return text;
    }

    private static String file(String text, Path data) throws BadValue {
        try {
            if (text.isEmpty() || text.endsWith("/")) {
                throw new BadValue(expected("FILE"));
            }
            return data.toAbsolutePath().resolve(text).normalize().toString();
        } catch (InvalidPathException e) {
            throw new BadValue(expected("FILE"));
        }
    }

    /** Milliseconds; parts add up ({@code 1h30m}); only zero needs no unit. */
    static Long duration(String text) throws BadValue {
        if (text.equals("0")) {
            return 0L;
        }
        Matcher span = SPAN.matcher(text);
        int end = 0;
        long sum = 0;
        try {
            while (end < text.length() && span.find(end) && span.start() == end) {
                long factor = SPANS.getOrDefault(span.group(2), 0L);
                sum = Math.addExact(sum, Math.multiplyExact(Long.parseLong(span.group(1)), factor));
                end = span.end();
            }
        } catch (ArithmeticException e) {
            throw new BadValue(expected("DURATION"));
        }
        if (end == 0 || end < text.length()) {
            throw new BadValue(expected("DURATION"));
        }
        return sum;
    }

    /** Octets; kB, MB … are powers of 1000, KiB, MiB … of 1024. */
    private static Long size(String text) throws BadValue {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new BadValue(expected("SIZE"));
        }
        String prefix = size.group(2) == null ? "" : size.group(2).toLowerCase(Locale.ROOT);
        int power = prefix.isEmpty() ? 0 : "kmgt".indexOf(prefix.charAt(0)) + 1;
        BigDecimal base = BigDecimal.valueOf(prefix.endsWith("i") ? 1024 : 1000);
        try {
            if (prefix.equals("i")) {
                throw new BadValue(expected("SIZE"));
            }
            return new BigDecimal(size.group(1)).multiply(base.pow(power)).longValueExact();
        } catch (ArithmeticException e) {
            throw new BadValue(expected("SIZE"));
        }
    }

    private static boolean socket(String text) {
        Matcher socket = SOCKET.matcher(text);
        if (!socket.matches() || Integer.parseInt(socket.group(3)) > 65_535) {
            return false;
        }
        if (socket.group(1) != null) {
            return v6(socket.group(1));
        }
        String host = socket.group(2);
        // What looks like an IPv4 address must be one: 300.1.1.1 is no host name.
        return host.matches("[\\d.]+") ? V4.matcher(host).matches() : host.equals("*") || domain(host);
    }

    private static boolean network(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        boolean v4 = V4.matcher(address).matches();
        if (!v4 && !v6(address)) {
            return false;
        }
        String bits = slash < 0 ? "0" : text.substring(slash + 1);
        return bits.matches("\\d{1,3}") && Integer.parseInt(bits) <= (v4 ? 32 : 128);
    }

    private static boolean v6(String address) {
        if (address.indexOf(':') < 0) {
            return false;
        }
        try {
            // In brackets only literals are taken; nothing is looked up.
            return InetAddress.getByName("[" + address + "]") != null;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static boolean domain(String text) {
        String name = text.startsWith("*.") ? text.substring(2) : text;
        if (text.equals("*")) {
            return true;
        }
        if (name.isEmpty() || name.length() > 253) {
            return false;
        }
        for (String label : name.split("\\.", -1)) {
            if (label.length() > 63 || !LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return true;
    }

    private static boolean schedule(String text) throws BadValue {
        for (String part : text.split(",", -1)) {
            Matcher step = STEP.matcher(part.strip());
            if (!step.matches()) {
                return false;
            }
            try {
                duration(step.group(1));
            } catch (BadValue e) {
                throw new BadValue(expected("SCHEDULE"));
            }
        }
        return true;
    }

    /** Says what was expected instead. */
    static final class BadValue extends Exception {
        private static final long serialVersionUID = 1L;

        BadValue(String expected) {
            super(expected, null, false, false);
        }

        String expected() {
            return String.valueOf(getMessage());
        }
    }
}
