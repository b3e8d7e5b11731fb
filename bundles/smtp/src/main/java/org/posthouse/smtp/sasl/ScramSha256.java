// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp.sasl;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.api.hook.Authenticator.ScramKeys.Keys;
import org.posthouse.pipeline.spi.Conversation;

/** SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding: both sides prove that they know the password, none says it. */
final class ScramSha256 implements Mechanism {
    static final String NAME = "SCRAM-SHA-256";
    private static final int NONCE_OCTETS = 18;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Conversation conversation;
    private final String ownNonce;
    private @Nullable Opened opened;
    private @Nullable Step proven;

    /** What stands after the first message of each side. */
    private record Opened(ScramFirst first, Keys keys, String nonce, String serverFirst) {}

    ScramSha256(Conversation conversation) {
        this(conversation, nonce());
    }

    ScramSha256(Conversation conversation, String ownNonce) {
        this.conversation = conversation;
        this.ownNonce = ownNonce;
    }

    private static String nonce() {
        byte[] octets = new byte[NONCE_OCTETS];
        RANDOM.nextBytes(octets);
        return Base64.getEncoder().encodeToString(octets);
    }

    @Override
    public byte[] begin() {
        return new byte[0];
    }

    @Override
    public Step respond(byte[] response) {
        if (proven != null) {
            // RFC 4422 5: the signature of the server went out as a challenge, the client has nothing to add.
            return response.length == 0 ? proven : new Step.Malformed("Nothing was asked for");
        }
        try {
            Opened now = opened;
            return now == null ? open(ScramFirst.parse(response)) : prove(now, ScramFinal.parse(response));
        } catch (SaslFault e) {
            return new Step.Malformed(String.valueOf(e.getMessage()));
        }
    }

    private Step open(ScramFirst first) {
        if (!first.identity().isEmpty() && !first.identity().equals(first.user())) {
            return new Step.Done(first.user(), new Answer.Denied("wants to act as somebody else"));
        }
        if (first.user().isEmpty()) {
            return new Step.Done("", new Answer.Denied("empty user name"));
        }
        Optional<Keys> keys = conversation.scramKeys(first.user());
        if (keys.isEmpty()) {
            return new Step.Done(first.user(), new Answer.Unavailable("no SCRAM keys now"));
        }
        String nonce = first.nonce() + ownNonce;
        String message = "r=" + nonce + ",s="
                + Base64.getEncoder().encodeToString(keys.get().salt()) + ",i="
                + keys.get().iterations();
        opened = new Opened(first, keys.get(), nonce, message);
        return new Step.Challenge(message.getBytes(StandardCharsets.UTF_8));
    }

    private Step prove(Opened now, ScramFinal last) {
        // RFC 5802 5.1: what the client said of channel binding must have reached us as it was sent.
        if (!last.binding().equals(now.first().header()) || !last.nonce().equals(now.nonce())) {
            return new Step.Done(now.first().user(), new Answer.Denied("nonce or channel binding were changed"));
        }
        byte[] exchange = (now.first().bare() + "," + now.serverFirst() + "," + last.withoutProof())
                .getBytes(StandardCharsets.UTF_8);
        byte[] clientKey = hmac(now.keys().storedKey(), exchange);
        for (int i = 0; i < clientKey.length; i++) {
            clientKey[i] ^= last.proof()[i];
        }
        if (!MessageDigest.isEqual(sha256(clientKey), now.keys().storedKey())) {
            return new Step.Done(now.first().user(), new Answer.Denied("wrong proof"));
        }
        String user = now.first().user();
        String principal = now.keys().principal();
        proven = new Step.Done(user, new Answer.Granted(principal.isEmpty() ? user : principal));
        String signature = Base64.getEncoder().encodeToString(hmac(now.keys().serverKey(), exchange));
        return new Step.Challenge(("v=" + signature).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] hmac(byte[] key, byte[] text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has HmacSHA256", e);
        }
    }

    private static byte[] sha256(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
