// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategy;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * The bcrypt hash of a password. What is no hash, or one that would take too much time to check, is no value of this type.
 *
 * @param text as it stands in the file
 */
record Hash(String text) {
    /** bcrypt reads 72 octets, of which the last is the zero that ends the password. */
    static final int MOST_OCTETS = 71;

    private static final int LEAST_COST = 4;
    private static final int MOST_COST = 13;
    private static final int SALT_OCTETS = 16;
    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}");
    private static final BCrypt.Version VERSION = BCrypt.Version.VERSION_2B;

    /** What is too long is never hashed; if it were, better an exception than a hash of a part. */
    private static final LongPasswordStrategy STRICT = LongPasswordStrategies.strict(VERSION);

    private static final SecureRandom RANDOM = new SecureRandom();

    /** The hash of a password of no more than {@link #MOST_OCTETS}, with a new salt. */
    static Hash of(String password, int cost) {
        byte[] hash = BCrypt.with(VERSION, RANDOM, STRICT).hash(cost, octets(password));
        return new Hash(new String(hash, StandardCharsets.US_ASCII));
    }

    static Hash parse(String text) throws DamagedLine {
        if (BCRYPT.matcher(text).matches()) {
            Hash hash = new Hash(text);
            if (hash.cost() < LEAST_COST || hash.cost() > MOST_COST) {
                throw new DamagedLine("bcrypt with a cost not of " + LEAST_COST + " to " + MOST_COST);
            }
            return hash;
        }
        throw new DamagedLine((text.startsWith("$") ? "a hash that is not bcrypt" : "the password is not hashed")
                + "; set it with: posthouse user passwd");
    }

    /** The binary logarithm of the rounds, and so of the time, that a check takes. */
    int cost() {
        return Integer.parseInt(text, 4, 6, 10);
    }

    /**
     * Whether it is the hash of this password.
     *
     * @param cost as if which it takes its time when it is not, if this one costs less
     */
    boolean matches(String password, int cost) {
        byte[] octets = octets(password);
        byte[] read = readable(octets);
        boolean same = BCrypt.verifyer(VERSION, STRICT).verify(read, text.getBytes(StandardCharsets.US_ASCII)).verified;
        if (same && octets.length == read.length) {
            return true;
        }
        // 2^c and 2^c + 2^(c+1) + … + 2^(cost-1) rounds make 2^cost.
        for (int c = cost(); c < cost; c++) {
            spend(password, c);
        }
        return false;
    }

    /** Takes as long as a check of a hash of this cost. */
    static void spend(String password, int cost) {
        BCrypt.with(VERSION, RANDOM, STRICT).hashRaw(cost, new byte[SALT_OCTETS], readable(octets(password)));
    }

    static byte[] octets(String password) {
        return password.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] readable(byte[] octets) {
        return octets.length <= MOST_OCTETS ? octets : Arrays.copyOf(octets, MOST_OCTETS);
    }

    @Override
    public String toString() {
        return "Hash[hidden]";
    }
}
