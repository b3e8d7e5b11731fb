// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hash of a password: argon2id, or bcrypt from elsewhere. What is no hash, or one that would take too much time or memory
 * to check, is no value of this type.
 *
 * @param text as it stands in the file
 */
record Hash(String text) {
    /** OWASP's second choice of equal strength: the heap of the server is small. */
    private static final int MEMORY_KIB = 12 * 1024;

    private static final int ITERATIONS = 3;
    private static final int SALT_OCTETS = 16;
    private static final int HASH_OCTETS = 32;
    private static final int MOST_MEMORY_KIB = 20 * 1024;
    private static final int MOST_ITERATIONS = 10;
    private static final int MOST_COST = 13;
    private static final Pattern ARGON2 = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=1\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");
    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$[./A-Za-z0-9]{53}");
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The hash of a password, with a new salt. */
    static Hash of(String password) {
        byte[] salt = random(SALT_OCTETS);
        return new Hash(argon2(MEMORY_KIB, ITERATIONS, HASH_OCTETS)
                .hash(password.getBytes(StandardCharsets.UTF_8), salt)
                .getResult());
    }

    /** A hash of no password, that takes as long to check as one that {@link #of} made. */
    static Hash ofNothing() {
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return new Hash("$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + ITERATIONS + ",p=1$"
                + base64.encodeToString(random(SALT_OCTETS)) + "$" + base64.encodeToString(random(HASH_OCTETS)));
    }

    private static byte[] random(int octets) {
        byte[] random = new byte[octets];
        RANDOM.nextBytes(random);
        return random;
    }

    private static Argon2Function argon2(int memory, int iterations, int octets) {
        return Argon2Function.getInstance(memory, iterations, 1, octets, Argon2.ID, Argon2Function.ARGON2_VERSION_13);
    }

    static Hash parse(String text) throws DamagedLine {
        Matcher argon2 = ARGON2.matcher(text);
        if (argon2.matches()) {
            int memory = Integer.parseInt(argon2.group(1));
            int iterations = Integer.parseInt(argon2.group(2));
            if (memory < 8 || memory > MOST_MEMORY_KIB || iterations < 1 || iterations > MOST_ITERATIONS) {
                throw new DamagedLine("argon2id with m above " + MOST_MEMORY_KIB + " or t above " + MOST_ITERATIONS);
            }
            return new Hash(text);
        }
        Matcher bcrypt = BCRYPT.matcher(text);
        if (bcrypt.matches()) {
            int cost = Integer.parseInt(bcrypt.group(1));
            if (cost < 4 || cost > MOST_COST) {
                throw new DamagedLine("bcrypt with a cost not of 4 to " + MOST_COST);
            }
            return new Hash(text);
        }
        throw new DamagedLine(
                text.startsWith("$")
                        ? "a hash that is neither argon2id (v=19, p=1) nor bcrypt"
                        : "the password is not hashed; set it with: posthouse user passwd");
    }

    /** Whether it is the hash of this password; takes its time either way. */
    boolean matches(String password) {
        Matcher argon2 = ARGON2.matcher(text);
        if (argon2.matches()) {
            int octets = Base64.getDecoder().decode(argon2.group(4)).length;
            return argon2(Integer.parseInt(argon2.group(1)), Integer.parseInt(argon2.group(2)), octets)
                    .check(password, text);
        }
        // What bcrypt does not read of a long password, it does not read anywhere.
        return BCrypt.verifyer(BCrypt.Version.VERSION_2A, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2A))
                .verify(password.getBytes(StandardCharsets.UTF_8), text.getBytes(StandardCharsets.US_ASCII))
                .verified;
    }

    @Override
    public String toString() {
        return "Hash[hidden]";
    }
}
