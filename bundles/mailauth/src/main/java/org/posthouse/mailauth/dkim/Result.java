// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.util.Locale;

/** How the check of a signature ended (RFC 8601 2.7.1). */
public enum Result {
    /** It is right. */
    PASS,
    /** Message, signature and key do not belong together. */
    FAIL,
    /** It may be right, but is not accepted here: its key is too weak, or it covers too little. */
    POLICY,
    /** It is no well-formed signature. */
    NEUTRAL,
    /** It can not be told now: the key could not be fetched. */
    TEMPERROR,
    /** It will never be told: no key, no such algorithm, expired. */
    PERMERROR;

    /** The word that stands in Authentication-Results. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
