// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.api.hook.Authenticator.Credentials;
import org.posthouse.api.hook.Authenticator.ScramKeys.Keys;
import org.posthouse.pipeline.spi.Conversation;

final class MechanismTest {
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String NONCES = "rOprNGfwEbeRWgbNEkqO" + SERVER_NONCE;

    private final List<Credentials> asked = new ArrayList<>();
    private Optional<Keys> keys = Optional.of(pencil(""));

    /** The user of the example in RFC 7677 3, whose password is pencil. */
    private static Keys pencil(String principal) {
        try {
            byte[] salt = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec("pencil".toCharArray(), salt, 4096, 256))
                    .getEncoded();
            byte[] stored = java.security.MessageDigest.getInstance("SHA-256").digest(hmac(salted, "Client Key"));
            return new Keys(principal, salt, 4096, stored, hmac(salted, "Server Key"));
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) throws java.security.GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    }

    private Conversation conversation() {
        return (Conversation) Proxy.newProxyInstance(
                MechanismTest.class.getClassLoader(),
                new Class<?>[] {Conversation.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "authenticate" -> {
                        asked.add((Credentials) arguments[0]);
                        yield new Answer.Granted("somebody");
                    }
                    case "scramKeys" -> keys;
                    case "scram" -> true;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String challenge(Step step) {
        return new String(assertInstanceOf(Step.Challenge.class, step).octets(), StandardCharsets.UTF_8);
    }

    @Test
    void playsTheExampleOfRfc7677() {
        Mechanism scram = new ScramSha256(conversation(), SERVER_NONCE);
        assertEquals(
                "r=" + NONCES + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                challenge(scram.respond(octets("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"))));
        Step last = scram.respond(octets("c=biws,r=" + NONCES + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
        assertEquals("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", challenge(last));
        assertEquals(new Step.Done("user", new Answer.Granted("user")), scram.respond(new byte[0]));
    }

    @Test
    void grantsThePrincipalThatCameWithTheKeys() {
        keys = Optional.of(pencil("user@local.test"));
        Mechanism scram = new ScramSha256(conversation(), SERVER_NONCE);
        scram.respond(octets("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
        scram.respond(octets("c=biws,r=" + NONCES + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
        assertEquals(new Step.Done("user", new Answer.Granted("user@local.test")), scram.respond(new byte[0]));
    }

    @Test
    void believesNobodyWithAnotherProofNonceOrBinding() {
        String proof = ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        for (String last : List.of(
                "c=biws,r=" + NONCES + ",p=AHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=biws,r=" + NONCES + "x" + proof,
                "c=eSws,r=" + NONCES + proof)) {
            Mechanism scram = new ScramSha256(conversation(), SERVER_NONCE);
            scram.respond(octets("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
            Step.Done done = assertInstanceOf(Step.Done.class, scram.respond(octets(last)), last);
            assertInstanceOf(Answer.Denied.class, done.answer(), last);
        }
    }

    @Test
    void wantsNothingBehindItsSignature() {
        Mechanism scram = new ScramSha256(conversation(), SERVER_NONCE);
        scram.respond(octets("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
        scram.respond(octets("c=biws,r=" + NONCES + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
        assertInstanceOf(Step.Malformed.class, scram.respond(octets("x")));
    }

    @Test
    void saysThatKeysAreNotThereNow() {
        keys = Optional.empty();
        Step.Done done =
                assertInstanceOf(Step.Done.class, new ScramSha256(conversation()).respond(octets("y,,n=user,r=abc")));
        assertInstanceOf(Answer.Unavailable.class, done.answer());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n",
                "n,,",
                "n,,n=user",
                "n,,r=abc,n=user",
                "n,,m=x,n=user,r=abc",
                "p=tls-unique,,n=user,r=abc",
                "x,,n=user,r=abc",
                "n,user,n=user,r=abc",
                "n,,n=us=er,r=abc",
                "n,,n=us\u0007er,r=abc",
                "n,,n=user,r=",
                "n,,n=user,r=a b"
            })
    void refusesFirstMessagesThatAreNone(String first) {
        assertInstanceOf(Step.Malformed.class, new ScramSha256(conversation()).respond(octets(first)), first);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws",
                "c=biws,r=x",
                "c=biws,r=x,p=",
                "c=biws,r=x,p=AAAA",
                "c=%%,r=x,p=AAAA",
                "r=x,c=biws,p=x"
            })
    void refusesLastMessagesThatAreNone(String last) {
        Mechanism scram = new ScramSha256(conversation(), SERVER_NONCE);
        scram.respond(octets("n,,n=user,r=abc"));
        assertInstanceOf(Step.Malformed.class, scram.respond(octets(last)), last);
    }

    @Test
    void unescapesNamesAndLetsNobodyActAsAnother() {
        assertEquals("a,=b", named("n,a=a=2C=3Db,n=a=2C=3Db,r=abc"));
        Step.Done done = assertInstanceOf(
                Step.Done.class, new ScramSha256(conversation()).respond(octets("n,a=root,n=user,r=abc")));
        assertInstanceOf(Answer.Denied.class, done.answer());
        assertEquals(
                new Step.Done("user", new Answer.Denied("wants to act as somebody else")),
                new Plain(conversation()).respond(octets("root\0user\0secret")));
    }

    private String named(String first) {
        keys = Optional.empty();
        return assertInstanceOf(Step.Done.class, new ScramSha256(conversation()).respond(octets(first)))
                .user();
    }

    @Test
    void asksWithThePasswordOfPlainAndLogin() {
        new Plain(conversation()).respond(octets("user\0user\0s\u00e9cret"));
        Mechanism login = new Login(conversation());
        assertEquals("Username:", new String(login.begin(), StandardCharsets.US_ASCII));
        assertEquals("Password:", challenge(login.respond(octets("user"))));
        // Decomposed, and a space that is none: the same password for people (RFC 4013 2).
        login.respond(octets("se\u0301cret"));
        assertEquals(
                List.of(
                        new Credentials.Password("user", "s\u00e9cret"),
                        new Credentials.Password("user", "s\u00e9cret")),
                asked);
    }

    @Test
    void asksNobodyAboutAnEmptyPassword() {
        Step.Done done = assertInstanceOf(Step.Done.class, new Plain(conversation()).respond(octets("\0user\0")));
        assertInstanceOf(Answer.Denied.class, done.answer());
        assertTrue(asked.isEmpty());
    }

    @Test
    void refusesWhatIsNoPlain() {
        for (byte[] one : List.of(
                octets(""),
                octets("user"),
                octets("\0user"),
                octets("\0user\0secret\0"),
                octets("\0us\ner\0secret"),
                octets("\0user\0sec\u0000ret"),
                octets("\0" + "u".repeat(256) + "\0secret"),
                octets("\0user\0" + "p".repeat(1025)),
                new byte[] {0, 'u', 0, (byte) 0xC3, 0x28})) {
            assertInstanceOf(Step.Malformed.class, new Plain(conversation()).respond(one));
        }
        assertTrue(asked.isEmpty());
        assertArrayEquals(new byte[0], new Plain(conversation()).begin());
    }
}
