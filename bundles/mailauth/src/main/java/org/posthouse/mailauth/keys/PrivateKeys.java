// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.keys;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.posthouse.mailauth.dkim.Algorithm;
import org.posthouse.mailauth.dkim.KeyRecord;

/** Private keys as PEM (RFC 7468): PKCS #8 of RSA and Ed25519 (RFC 8410), and PKCS #1. */
public final class PrivateKeys {
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final String PKCS8 = "PRIVATE KEY";
    private static final String PKCS1 = "RSA PRIVATE KEY";
    private static final byte[] PROBE = "probe".getBytes(StandardCharsets.US_ASCII);

    private PrivateKeys() {}

    /**
     * Reads the first key of a text.
     *
     * @throws InvalidKeyException when there is none that signs mail; the message says why, and nothing of the key
     */
    public static PrivateKey read(String pem) throws InvalidKeyException {
        Matcher found = PEM.matcher(pem);
        if (!found.find()) {
            throw new InvalidKeyException("there is no private key in PEM");
        }
        String kind = found.group(1);
        if (!kind.equals(PKCS8) && !kind.equals(PKCS1)) {
            throw new InvalidKeyException("it holds " + kind + ", which is neither PKCS #8 nor PKCS #1 in clear");
        }
        byte[] octets;
        try {
            octets = Base64.getMimeDecoder().decode(found.group(2));
        } catch (IllegalArgumentException e) {
            throw new InvalidKeyException("the key is not base64");
        }
        PrivateKey key = parsed(kind.equals(PKCS1) ? Pkcs1.wrapped(octets) : octets);
        if (key instanceof RSAPrivateKey rsa && rsa.getModulus().bitLength() < KeyRecord.LEAST_RSA_BITS) {
            throw new InvalidKeyException("the key has fewer than 1024 bits (RFC 8301)");
        }
        return key;
    }

    private static PrivateKey parsed(byte[] octets) throws InvalidKeyException {
        GeneralSecurityException why = new InvalidKeyException();
        for (String type : new String[] {"RSA", "Ed25519"}) {
            try {
                return KeyFactory.getInstance(type).generatePrivate(new PKCS8EncodedKeySpec(octets));
            } catch (GeneralSecurityException e) {
                why = e; // It may be of the other type.
            }
        }
        throw new InvalidKeyException("the key is neither RSA nor Ed25519", why);
    }

    /** What a key signs with. */
    public static Algorithm algorithm(PrivateKey key) {
        return key instanceof EdECPrivateKey ? Algorithm.ED25519_SHA256 : Algorithm.RSA_SHA256;
    }

    /**
     * The public half of a key.
     *
     * @throws GeneralSecurityException when it can not be told from this key
     */
    public static PublicKey publicOf(PrivateKey key) throws GeneralSecurityException {
        PublicKey half = switch (key) {
            case RSAPrivateCrtKey rsa ->
                KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
            case EdECPrivateKey ed ->
                ed25519(ed.getBytes().orElseThrow(() -> new InvalidKeyException("the key keeps its octets")));
            default -> throw new InvalidKeyException("the key does not tell its public half");
        };
        Algorithm algorithm = algorithm(key);
        if (!algorithm.verifies(half, PROBE, algorithm.sign(key, PROBE))) {
            throw new InvalidKeyException("the halves of the key do not belong together");
        }
        return half;
    }

    /** The JDK makes the public half of a seed only when it makes the seed, so the seed is what its chance gives. */
    private static PublicKey ed25519(byte[] seed) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(NamedParameterSpec.ED25519, new SecureRandom() {
            private static final long serialVersionUID = 1L;

            @Override
            public void nextBytes(byte[] bytes) {
                System.arraycopy(seed, 0, bytes, 0, bytes.length);
            }
        });
        return generator.generateKeyPair().getPublic();
    }

    /**
     * Makes a key.
     *
     * @param bits the length of an RSA key; Ed25519 has one length
     * @throws GeneralSecurityException when there is no such key
     */
    public static PrivateKey generate(Algorithm algorithm, int bits) throws GeneralSecurityException {
        KeyPairGenerator generator =
                KeyPairGenerator.getInstance(algorithm == Algorithm.ED25519_SHA256 ? "Ed25519" : "RSA");
        if (algorithm == Algorithm.RSA_SHA256) {
            generator.initialize(bits);
        }
        return generator.generateKeyPair().getPrivate();
    }

    /** A key as PKCS #8 in PEM. */
    public static String pem(PrivateKey key) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
        return "-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----\n";
    }
}
