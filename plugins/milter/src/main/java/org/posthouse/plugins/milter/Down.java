// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.util.Locale;
import org.posthouse.api.Stage;
import org.posthouse.api.Verdict;

/** What becomes of mail that a milter should have judged and did not, as in Postfix's {@code milter_default_action}. */
enum Down {
    /** As if the milter had no opinion. */
    ACCEPT,
    /** Refused for now. */
    TEMPFAIL,
    /** Refused. */
    REJECT,
    /** Taken and held. */
    QUARANTINE;

    static Down parse(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** The verdict at this stage; a message is held once it is there. */
    Verdict verdict(Stage stage, String why) {
        return switch (this) {
            case ACCEPT -> Verdict.next().because(why);
            case TEMPFAIL ->
                Verdict.defer("4.7.1", "Service unavailable, try again later").because(why);
            case REJECT -> Verdict.reject("5.5.0", "Service unavailable").because(why);
            case QUARANTINE ->
                stage == Stage.DATA ? Verdict.hold(why) : Verdict.next().because(why);
        };
    }
}
