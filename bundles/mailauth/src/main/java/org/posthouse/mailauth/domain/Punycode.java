// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.domain;

/** The Bootstring encoding of labels (RFC 3492). */
final class Punycode {
    private static final int BASE = 36;
    private static final int T_MIN = 1;
    private static final int T_MAX = 26;
    private static final int SKEW = 38;
    private static final int DAMP = 700;
    private static final int FIRST_BIAS = 72;
    private static final int FIRST = 0x80;

    private Punycode() {}

    /** The label without the prefix {@code xn--}; its code points are in lower case and at most 63. */
    static String encode(String label) {
        int[] points = label.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        label.codePoints().filter(c -> c < FIRST).forEach(out::appendCodePoint);
        int basic = out.length();
        if (basic > 0) {
            out.append('-');
        }
        int least = FIRST;
        int delta = 0;
        int bias = FIRST_BIAS;
        for (int done = basic; done < points.length; ) {
            int next = Integer.MAX_VALUE;
            for (int c : points) {
                next = c >= least && c < next ? c : next;
            }
            delta += (next - least) * (done + 1);
            for (int c : points) {
                if (c < next) {
                    delta++;
                } else if (c == next) {
                    digits(out, delta, bias);
                    bias = adapted(delta, done + 1, done == basic);
                    delta = 0;
                    done++;
                }
            }
            delta++;
            least = next + 1;
        }
        return out.toString();
    }

    private static void digits(StringBuilder out, int delta, int bias) {
        int rest = delta;
        for (int k = BASE; ; k += BASE) {
            int threshold = Math.clamp(k - bias, T_MIN, T_MAX);
            if (rest < threshold) {
                out.append(digit(rest));
                return;
            }
            out.append(digit(threshold + (rest - threshold) % (BASE - threshold)));
            rest = (rest - threshold) / (BASE - threshold);
        }
    }

    private static char digit(int value) {
        return (char) (value < 26 ? 'a' + value : '0' + value - 26);
    }

    private static int adapted(int delta, int count, boolean first) {
        int rest = first ? delta / DAMP : delta / 2;
        rest += rest / count;
        int k = 0;
        while (rest > (BASE - T_MIN) * T_MAX / 2) {
            rest /= BASE - T_MIN;
            k += BASE;
        }
        return k + (BASE - T_MIN + 1) * rest / (rest + SKEW);
    }
}
