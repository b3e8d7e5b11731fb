// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dnsbl;

import java.util.Optional;
import java.util.function.Function;
import org.posthouse.api.Verdict;

/**
 * Makes a verdict of what lists said.
 *
 * @param reject the least sum that is refused, 0 for none
 * @param defer the least sum that is refused for now, 0 for none
 * @param strict whether a client is refused for now when lists told nothing that could have refused it
 */
record Judge(double reject, double defer, boolean strict) {
    /** RFC 5321 4.5.3.1.5: a reply line has 512 octets, and its code, address and zone need some. */
    private static final int MOST_TEXT = 200;

    /**
     * Judges.
     *
     * @param texts what a list tells people; asked when there is a refusal only
     */
    Verdict judge(Findings found, Function<Word, String> texts) {
        double sum = found.sum();
        if (reached(sum, reject)) {
            return Verdict.reject("5.7.1", text(found, texts)).because(found.toString());
        }
        if (reached(sum, defer)) {
            return Verdict.defer("4.7.1", text(found, texts)).because(found.toString());
        }
        double least = reject > 0 && defer > 0 ? Math.min(reject, defer) : Math.max(reject, defer);
        if (strict && found.untold() > 0 && reached(sum + found.untold(), least)) {
            return Verdict.defer("4.4.3", "You can not be checked now, try again later")
                    .because("no word from " + untold(found));
        }
        return Verdict.next();
    }

    /** The same with the codes of a refused connection (RFC 5321 3.1 and 3.8). */
    static Verdict inPlaceOfBanner(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Reject reject ->
                Verdict.reject(554, reject.reply().enhanced(), reject.reply().text())
                        .because(reject.reason());
            case Verdict.Defer defer ->
                Verdict.defer(421, defer.reply().enhanced(), defer.reply().text())
                        .because(defer.reason());
            default -> verdict;
        };
    }

    private static boolean reached(double sum, double threshold) {
        return threshold > 0 && sum >= threshold;
    }

    private static String text(Findings found, Function<Word, String> texts) {
        Optional<Word> worst = found.worst();
        if (worst.isEmpty()) {
            return "Refused by DNS lists";
        }
        Word word = worst.get();
        String told = clean(texts.apply(word));
        return "Refused, " + clean(word.subject().shown()) + " is listed by "
                + word.list().zone()
                + (told.isEmpty() ? "" : ": " + told);
    }

    private static String untold(Findings found) {
        return String.join(
                ", ",
                found.words().stream()
                        .filter(word -> !word.told())
                        .map(word -> word.list().zone())
                        .distinct()
                        .toList());
    }

    /** What a stranger wrote, as text of a reply: printable ASCII, blanks one by one, not long. */
    static String clean(String text) {
        String plain = text.replaceAll("[^\\x21-\\x7e]+", " ").strip();
        return plain.length() <= MOST_TEXT
                ? plain
                : plain.substring(0, MOST_TEXT).strip() + "...";
    }
}
