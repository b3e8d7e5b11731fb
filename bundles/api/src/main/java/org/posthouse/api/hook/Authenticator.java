// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import java.util.Optional;
import org.posthouse.api.Session;

/**
 * Decides whether credentials are right. First Granted wins; else any Unavailable is 454; else 535 (RFC 4954).
 *
 * <p>A hook of the stage AUTH: it carries {@link Hook}, has a budget, and must declare {@link
 * org.posthouse.api.Need#SECRETS}. One that fails or is missing counts as Unavailable, so that losing it never lets anybody in.
 * Where every authenticator also implements {@link ScramKeys} the server offers SCRAM-SHA-256; of several the first in order is
 * asked for keys.
 */
@FunctionalInterface
public interface Authenticator {
    /** Checks credentials; the answer for an unknown user and a wrong password takes the same time. */
    Answer authenticate(Session session, Credentials credentials);

    /** What the client presented. */
    sealed interface Credentials {
        /** A user name and a password (SASL PLAIN, LOGIN). */
        record Password(String user, String password) implements Credentials {
            @Override
            public String toString() {
                return "Password[" + user + "]";
            }
        }

        /** A bearer token (SASL OAUTHBEARER, XOAUTH2). */
        record Bearer(String user, String token) implements Credentials {
            @Override
            public String toString() {
                return "Bearer[" + user + "]";
            }
        }
    }

    /** The answer to credentials. */
    sealed interface Answer {
        /** The client is this principal. */
        record Granted(String principal) implements Answer {}

        /** The credentials are wrong, or the user is unknown or disabled. */
        record Denied(String reason) implements Answer {}

        /** It can not be told now. */
        record Unavailable(String reason) implements Answer {}
    }

    /** The optional power of an authenticator to serve SCRAM (RFC 5802, RFC 7677). */
    interface ScramKeys {
        /** The keys of a user; stable false ones for a user that is not known; empty when they can not be told now. */
        Optional<Keys> scramKeys(String user);

        /**
         * Salt, iteration count and derived keys of one user.
         *
         * @param principal who the user is once the proof was right, in the spelling of {@link Answer.Granted}; empty for
         *     the name as the client gave it
         * @param salt the salt
         * @param iterations how often it was hashed
         * @param storedKey StoredKey (RFC 5802 3)
         * @param serverKey ServerKey
         */
        record Keys(String principal, byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
            /** Keys of a user whose name is spelled in one way only. */
            public Keys(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
                this("", salt, iterations, storedKey, serverKey);
            }

            @Override
            public String toString() {
                return "Keys[hidden]";
            }
        }
    }
}
