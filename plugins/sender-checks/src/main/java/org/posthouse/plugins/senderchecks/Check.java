// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.senderchecks;

import java.util.Locale;
import org.posthouse.api.Verdict;

/** Something that can be wrong, and what the client is told then. */
enum Check {
    /** RFC 5321 4.1.1.1: the argument is a domain or an address literal. */
    HELO_SYNTAX(450, ".7.1", "HELO name is neither a domain nor an address literal"),
    /** RFC 5321 2.3.5: only names that resolve are permitted, and those have a dot. */
    HELO_UNQUALIFIED(450, ".7.1", "HELO name is not fully qualified"),
    /** RFC 5321 4.1.3: an address stands in brackets. */
    HELO_BARE_ADDRESS(450, ".7.1", "HELO address is not in brackets"),
    /** A stranger says that it is this server. */
    HELO_OURS(450, ".7.1", "HELO name is not yours"),
    /** RFC 5321 4.1.4: the literal is the address of the client. */
    HELO_LITERAL(450, ".7.1", "HELO address is not yours"),
    /** RFC 5321 2.3.5: the name resolves to an address or a mail exchanger. */
    HELO_UNRESOLVABLE(450, ".7.1", "HELO name does not resolve"),
    /** RFC 5321 5.1: nobody could send a notice to this domain; X.1.8 is RFC 3463 3.2. */
    SENDER_UNRESOLVABLE(450, ".1.8", "Sender domain does not resolve"),
    /** RFC 7505 4.2. */
    SENDER_NULL_MX(450, ".7.27", "Sender domain takes no mail"),
    /** A notice is about one message of one sender, and goes to that one; X.5.3 is RFC 3463 3.6. */
    NULL_SENDER_RECIPIENTS(452, ".5.3", "Mail without a sender has one recipient");

    private final int temporary;
    private final String enhanced;
    private final String text;

    Check(int temporary, String enhanced, String text) {
        this.temporary = temporary;
        this.enhanced = enhanced;
        this.text = text;
    }

    /** The symbol of its score. */
    String symbol() {
        return name();
    }

    /** For metrics. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Verdict reject() {
        return Verdict.reject("5" + enhanced, text);
    }

    Verdict defer() {
        return Verdict.defer(temporary, "4" + enhanced, text);
    }
}
