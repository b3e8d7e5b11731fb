// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.posthouse.api.Header;

/** The fields of one message, as signatures take them: by name, the lowest first (RFC 6376 5.4.2). */
public final class SignedFields {
    private final Map<String, List<Header>> byName = new HashMap<>();

    /** The fields of a message from top to bottom. */
    public SignedFields(List<Header> fields) {
        for (Header field : fields) {
            byName.computeIfAbsent(key(field.name()), n -> new ArrayList<>()).add(field);
        }
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** How many fields have this name, in any case. */
    public int count(String name) {
        return byName.getOrDefault(key(name), List.of()).size();
    }

    /**
     * The canonical form of what is signed: the named fields, then the field that holds the signature, its tag b emptied and
     * without its line end (RFC 6376 3.7). A name without a field left adds nothing.
     *
     * @param names the names of the tag h
     * @param form the canonical form
     * @param own the field that holds the signature; where it is one of the fields, it is never one of the named ones
     */
    public String data(List<String> names, Canonicalization form, Header own) {
        Map<String, Integer> taken = new HashMap<>();
        StringBuilder out = new StringBuilder();
        for (String name : names) {
            String key = key(name);
            List<Header> all = byName.getOrDefault(key, List.of());
            int at = all.size() - 1 - taken.getOrDefault(key, 0);
            if (at >= 0 && all.get(at) == own) {
                taken.merge(key, 1, Integer::sum);
                at--;
            }
            if (at >= 0) {
                taken.merge(key, 1, Integer::sum);
                out.append(form.field(all.get(at).raw()));
            }
        }
        String last = form.field(TagList.emptied(own.raw(), "b"));
        return out.append(last.endsWith("\r\n") ? last.substring(0, last.length() - 2) : last)
                .toString();
    }
}
