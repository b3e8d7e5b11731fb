// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.mailauth.dkim.Algorithm;

final class PrivateKeysTest {
    @ParameterizedTest
    @CsvSource({"RSA_SHA256,1024", "RSA_SHA256,2048", "ED25519_SHA256,0"})
    void readsWhatItWrote(Algorithm algorithm, int bits) throws Exception {
        PrivateKey key = PrivateKeys.generate(algorithm, bits);
        PrivateKey read = PrivateKeys.read("a comment\n" + PrivateKeys.pem(key));
        assertEquals(key, read);
        assertEquals(algorithm, PrivateKeys.algorithm(read));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "Ed25519"})
    void tellsThePublicHalf(String type) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance(type).generateKeyPair();
        assertEquals(pair.getPublic(), PrivateKeys.publicOf(pair.getPrivate()));
    }

    @Test
    void readsTheOlderFormOfRsa() throws Exception {
        PrivateKey key = PrivateKeys.generate(Algorithm.RSA_SHA256, 2048);
        byte[] pkcs8 = key.getEncoded();
        // 26 octets stand in front of the key itself.
        String bare = Base64.getMimeEncoder().encodeToString(Arrays.copyOfRange(pkcs8, 26, pkcs8.length));
        assertEquals(
                key,
                PrivateKeys.read(
                        "-----BEGIN RSA PRIVATE KEY-----\r\n" + bare + "\r\n-----END RSA PRIVATE KEY-----\r\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nothing | there is no private key in PEM",
                "-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY----- | the key is neither RSA nor Ed25519",
                "-----BEGIN RSA PRIVATE KEY-----AAAA-----END RSA PRIVATE KEY----- | the key is neither RSA nor Ed25519",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----AA-----END ENCRYPTED PRIVATE KEY----- |"
                        + " it holds ENCRYPTED PRIVATE KEY, which is neither PKCS #8 nor PKCS #1 in clear",
            })
    void refusesWhatIsNoKey(String pem, String why) {
        assertEquals(
                why,
                assertThrows(InvalidKeyException.class, () -> PrivateKeys.read(pem))
                        .getMessage());
    }

    @Test
    void refusesKeysThatNobodyMayAccept() throws Exception {
        String pem = PrivateKeys.pem(PrivateKeys.generate(Algorithm.RSA_SHA256, 768));
        assertThrows(InvalidKeyException.class, () -> PrivateKeys.read(pem));
    }
}
