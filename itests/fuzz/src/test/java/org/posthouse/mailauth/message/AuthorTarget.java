// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.message;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Header;
import org.posthouse.itests.fuzz.Claim;
import org.posthouse.mailauth.domain.DomainName;

/** From fields: every domain that is found in one can be asked for in DNS, and stays what it is. */
public final class AuthorTarget {
    private AuthorTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String raw = "From: " + new String(data, StandardCharsets.ISO_8859_1) + "\r\n";
        Author author = Author.of(List.of(new Header("From", raw)));
        Claim.that(author.addresses().size() <= raw.length(), () -> "too many addresses");
        Claim.that(!author.clear() || author.whole(), () -> "clear, but somebody is missing");
        Claim.that(!author.clear() || !author.addresses().isEmpty(), () -> "clear, but nobody");
        for (String domain : author.domains()) {
            Claim.that(domain.matches("[a-z0-9._-]{1,253}"), () -> "no domain: " + domain);
            Claim.same(Optional.of(domain), DomainName.ascii(domain));
        }
    }
}
