// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hc.client5.http.psl.DomainType;
import org.apache.hc.client5.http.psl.PublicSuffixListParser;
import org.apache.hc.client5.http.psl.PublicSuffixMatcher;
import org.jspecify.annotations.Nullable;
import org.posthouse.mailauth.domain.DomainName;

/** The public suffix list, as it was when the plugin was built; read when it is first asked for. */
final class Suffixes {
    private static final String LIST = "/org/publicsuffix/list/effective_tld_names.dat";

    private final Supplier<PublicSuffixMatcher> source;
    private volatile @Nullable PublicSuffixMatcher matcher;

    Suffixes() {
        this(Suffixes::embedded);
    }

    Suffixes(Supplier<PublicSuffixMatcher> source) {
        this.source = source;
    }

    private static PublicSuffixMatcher embedded() {
        try (InputStream in = Suffixes.class.getResourceAsStream(LIST)) {
            if (in == null) {
                throw new IOException(LIST + " is not in the jar");
            }
            return new PublicSuffixMatcher(
                    PublicSuffixListParser.INSTANCE.parseByType(new InputStreamReader(in, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Read twice at most when two ask at once, and never under a lock. */
    private PublicSuffixMatcher matcher() {
        PublicSuffixMatcher known = matcher;
        if (known == null) {
            known = source.get();
            matcher = known;
        }
        return known;
    }

    /** The domain that somebody registered: one label below the suffix; empty for a suffix itself and for no name. */
    Optional<String> registrable(String domain) {
        return DomainName.ascii(domain)
                .flatMap(name -> Optional.ofNullable(matcher().getDomainRoot(name)))
                .flatMap(DomainName::ascii);
    }

    /** Whether a rule of the list says that it is a suffix; a top-level domain that the list does not know is none. */
    boolean lists(String domain) {
        String below = "a." + domain;
        PublicSuffixMatcher all = matcher();
        return below.equals(all.getDomainRoot(below, DomainType.ICANN))
                || below.equals(all.getDomainRoot(below, DomainType.PRIVATE));
    }
}
