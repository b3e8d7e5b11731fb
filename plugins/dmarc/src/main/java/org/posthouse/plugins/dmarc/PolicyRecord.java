// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.dmarc;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A DMARC policy record (RFC 9989 4.7, RFC 7489 6.3).
 *
 * @param text the record as it was published
 * @param p the policy of the domain itself, {@link Policy#NONE} where the record says nothing valid
 * @param sp the policy of subdomains
 * @param np the policy of subdomains that do not exist
 * @param strictDkim whether DKIM must be of the very same domain
 * @param strictSpf whether SPF must be of the very same domain
 * @param percent to how much of the failing mail the policy applies (RFC 7489, no longer in RFC 9989)
 * @param testing whether the policy is only tested
 * @param psd whether the domain is a public suffix
 * @param fo the failure reporting options
 * @param rua where aggregate reports are wanted
 * @param applies whether there is anything to apply: a policy or somebody who wants reports
 * @param faults what is wrong with it, in a few words each
 */
record PolicyRecord(
        String text,
        Policy p,
        Optional<Policy> sp,
        Optional<Policy> np,
        boolean strictDkim,
        boolean strictSpf,
        int percent,
        boolean testing,
        Psd psd,
        String fo,
        List<ReportUri> rua,
        boolean applies,
        List<String> faults) {
    // The v tag stands first and its value is exact (RFC 9989 4.7); nothing may stand before it.
    private static final Pattern BEGIN = Pattern.compile("[vV][ \\t]*=[ \\t]*DMARC1[ \\t]*(;.*)?", Pattern.DOTALL);
    private static final Set<String> KNOWN =
            Set.of("v", "p", "sp", "np", "adkim", "aspf", "pct", "t", "psd", "fo", "rua", "ruf", "rf", "ri");

    /** A TXT record has 64 kB at most; nobody needs so much for this. */
    private static final int LONGEST = 8192;

    private static final int MOST_URIS = 20;

    /** Whether a domain is a public suffix, under which others register theirs. */
    enum Psd {
        YES,
        NO,
        /** Not said. */
        UNKNOWN
    }

    PolicyRecord {
        rua = List.copyOf(rua);
        faults = List.copyOf(faults);
    }

    /** Reads a TXT record; empty when it is none of DMARC. */
    static Optional<PolicyRecord> parse(String text) {
        if (text.length() > LONGEST || !BEGIN.matcher(text).matches()) {
            return Optional.empty();
        }
        return Optional.of(new Reading(text).record());
    }

    /** The policy for mail of this domain: of the domain of the record, or of one below it (RFC 9989 4.10.1). */
    Policy of(boolean subdomain, boolean exists) {
        if (!subdomain) {
            return p;
        }
        return (exists ? Optional.<Policy>empty() : np).or(() -> sp).orElse(p);
    }

    /** A record being read: what is wrong in it is left out in favour of the default (RFC 9989 4.8). */
    private static final class Reading {
        private final String text;
        private final Map<String, String> tags = new LinkedHashMap<>();
        private final List<String> faults = new ArrayList<>();

        Reading(String text) {
            this.text = text;
            for (String part : text.split(";", -1)) {
                tag(part.strip());
            }
        }

        private void tag(String part) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                if (!part.isEmpty()) {
                    faults.add("no tag: " + shown(part));
                }
                return;
            }
            String name = part.substring(0, equals).strip().toLowerCase(Locale.ROOT);
            if (tags.putIfAbsent(name, part.substring(equals + 1).strip()) != null) {
                faults.add(shown(name) + " stands there twice, the first counts");
            } else if (!KNOWN.contains(name)) {
                faults.add("unknown tag " + shown(name));
            }
        }

        PolicyRecord record() {
            List<ReportUri> rua = rua();
            Optional<Policy> p = policy("p");
            Optional<Policy> sp = policy("sp");
            Optional<Policy> np = policy("np");
            boolean broken = p.isEmpty() || broken("sp", sp) || broken("np", np);
            if (tags.get("p") == null) {
                faults.add("p is missing");
            }
            // RFC 9989 4.10.1: then it is as if p=none alone were there, if anybody wants reports, and nothing
            // otherwise.
            return new PolicyRecord(
                    text,
                    broken ? Policy.NONE : p.orElse(Policy.NONE),
                    broken ? Optional.empty() : sp,
                    broken ? Optional.empty() : np,
                    letter("adkim", "rs", 'r') == 's',
                    letter("aspf", "rs", 'r') == 's',
                    percent(),
                    letter("t", "yn", 'n') == 'y',
                    psd(),
                    failureOptions(),
                    rua,
                    !broken || !rua.isEmpty(),
                    faults);
        }

        private boolean broken(String tag, Optional<Policy> policy) {
            return tags.containsKey(tag) && policy.isEmpty();
        }

        private Optional<Policy> policy(String tag) {
            String value = tags.get(tag);
            if (value == null) {
                return Optional.empty();
            }
            Optional<Policy> policy = Policy.of(value);
            if (policy.isEmpty()) {
                bad(tag, value);
            }
            return policy;
        }

        private char letter(String tag, String allowed, char otherwise) {
            String value = tags.getOrDefault(tag, String.valueOf(otherwise)).toLowerCase(Locale.ROOT);
            if (value.length() == 1 && allowed.contains(value)) {
                return value.charAt(0);
            }
            bad(tag, value);
            return otherwise;
        }

        private Psd psd() {
            return switch (letter("psd", "ynu", 'u')) {
                case 'y' -> Psd.YES;
                case 'n' -> Psd.NO;
                default -> Psd.UNKNOWN;
            };
        }

        private int percent() {
            String value = tags.getOrDefault("pct", "100");
            if (value.matches("\\d{1,3}") && Integer.parseInt(value) <= 100) {
                return Integer.parseInt(value);
            }
            bad("pct", value);
            return 100;
        }

        private String failureOptions() {
            String value = tags.getOrDefault("fo", "0").toLowerCase(Locale.ROOT).replaceAll("[ \\t]", "");
            if (value.matches("[01ds](:[01ds]){0,3}")) {
                return value;
            }
            bad("fo", value);
            return "0";
        }

        private List<ReportUri> rua() {
            List<ReportUri> all = new ArrayList<>();
            String value = tags.getOrDefault("rua", "");
            for (String uri : value.isEmpty() ? new String[0] : value.split(",", -1)) {
                Optional<ReportUri> parsed = ReportUri.parse(uri.strip());
                if (parsed.isEmpty()) {
                    bad("rua", uri.strip());
                } else if (all.size() < MOST_URIS) {
                    all.add(parsed.get());
                }
            }
            return all;
        }

        private void bad(String tag, String value) {
            faults.add(tag + " is not valid: " + shown(value));
        }

        /** What a stranger wrote, fit for a log, a table and a report. */
        private static String shown(String value) {
            String clean = value.replaceAll("[^\\x20-\\x7e]", "?");
            return clean.length() > 60 ? clean.substring(0, 60) + "…" : clean;
        }
    }
}
