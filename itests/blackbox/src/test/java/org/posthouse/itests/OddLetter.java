// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A message as signatures have trouble with it: odd folds, white space at every end, empty lines, octets above 127, or no body.
 *
 * @param id what stands in its field X-Letter
 * @param head its header block with the empty line
 * @param body its body, octets as ISO 8859-1
 */
record OddLetter(String id, String head, String body) {
    private static final String[] FOLDS = {" ", " ", "  ", "\t", "\r\n ", "\r\n\t", " \r\n  ", "\t\r\n\t", "\r\n \t "};
    private static final String[] WORDS = {"a", "Ox", "=?utf-8?q?=C3=A4?=", "(x)", "1;2=3", "b:c", "\"q  q\"", "~", ","
    };
    private static final String[] LINES = {
        "",
        "",
        "",
        " ",
        "\t",
        "text",
        "two  words",
        " in",
        "out ",
        "end\t \t",
        ".",
        "..dots",
        "-- ",
        "=20",
        "x = y;",
        "\u00e4\u00ff\u0080"
    };

    static OddLetter random(String id, Random random) {
        List<String> fields = new ArrayList<>(List.of(
                "From:" + space(random) + "\"A, B\"" + fold(random) + "<anna@signer.test>",
                name("To", random) + ":" + space(random) + "b@local.test," + fold(random) + "c@local.test",
                name("Subject", random) + ":" + words(random) + end(random),
                "Date: Sat, 21 Nov 2026 10:00:00 +0000",
                "Message-ID: <" + id + "@signer.test>",
                "MIME-Version: 1.0",
                "Content-Type: text/plain;" + fold(random) + "charset=iso-8859-1",
                "Content-Transfer-Encoding: 8bit",
                "X-Letter: " + id));
        for (int n = random.nextInt(4); n > 0; n--) {
            fields.add(name(random.nextBoolean() ? "X-Odd" : "References", random) + ":" + words(random));
        }
        Collections.shuffle(fields, random);
        return new OddLetter(id, String.join("\r\n", fields) + "\r\n\r\n", body(random));
    }

    /** A message with a body of so many octets. */
    static OddLetter large(String id, Random random, int octets) {
        StringBuilder body = new StringBuilder(octets + 100);
        while (body.length() < octets) {
            body.append(words(random)).append("\r\n");
        }
        return new OddLetter(id, random(id, random).head(), body.toString());
    }

    private static String body(Random random) {
        StringBuilder body = new StringBuilder();
        int kind = random.nextInt(8);
        int lines = kind == 0 ? 0 : 1 + random.nextInt(kind == 1 ? 200 : 12);
        for (int i = 0; i < lines; i++) {
            body.append(LINES[random.nextInt(LINES.length)]);
            body.append(random.nextInt(9) == 0 ? " ".repeat(random.nextInt(300)) + "z" : "")
                    .append("\r\n");
        }
        return body.append("\r\n".repeat(random.nextInt(4))).toString();
    }

    private static String name(String name, Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> name.toLowerCase(java.util.Locale.ROOT);
            case 1 -> name.toUpperCase(java.util.Locale.ROOT);
            default -> name;
        };
    }

    private static String space(Random random) {
        return random.nextInt(4) == 0 ? "" : FOLDS[random.nextInt(4)];
    }

    private static String fold(Random random) {
        return FOLDS[random.nextInt(FOLDS.length)];
    }

    private static String end(Random random) {
        return random.nextInt(3) == 0 ? " \t".substring(random.nextInt(2)) : "";
    }

    private static String words(Random random) {
        StringBuilder words = new StringBuilder(space(random));
        for (int n = 1 + random.nextInt(9); n > 0; n--) {
            words.append(WORDS[random.nextInt(WORDS.length)]).append(n > 1 ? fold(random) : "");
        }
        return words.toString();
    }

    String text() {
        return head + body;
    }

    /** Ready for the wire after DATA, dots stuffed, without the final dot. */
    static byte[] wire(String text) {
        return text.replace("\r\n.", "\r\n..").getBytes(StandardCharsets.ISO_8859_1);
    }
}
