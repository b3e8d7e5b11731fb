// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.Header;
import org.posthouse.api.service.Dns;
import org.posthouse.mailauth.dkim.BodyHashes;
import org.posthouse.mailauth.dkim.KeyRecord;
import org.posthouse.mailauth.dkim.Keys;
import org.posthouse.mailauth.dkim.SignedFields;
import org.posthouse.mailauth.dkim.UnusableException;
import org.posthouse.mailauth.message.MessageReader;

/** Validates the chain of a message (RFC 8617 5.2). The body is read once, and not at all when that is in vain. */
final class Validator {
    private final Dns dns;
    private final Clock clock;
    private final Duration patience;

    /**
     * Validates.
     *
     * @param patience how long keys are asked for in all
     */
    Validator(Dns dns, Clock clock, Duration patience) {
        this.dns = dns;
        this.clock = clock;
        this.patience = patience;
    }

    ChainResult validate(MessageReader message) throws IOException {
        List<Header> fields = message.fields();
        if (!Chain.isIn(fields)) {
            return ChainResult.NONE;
        }
        try {
            // RFC 8617 5.2, step 2: whoever sealed last had nothing to hand on.
            if (Chain.isOver(fields)) {
                throw new BrokenChain("the last seal says that the chain is broken");
            }
            return valid(Chain.of(fields), message);
        } catch (BrokenChain e) {
            return ChainResult.fail(e);
        }
    }

    private ChainResult valid(Chain chain, MessageReader message) throws BrokenChain, IOException {
        Keys keys = new Keys(dns, clock, patience);
        List<Seal> seals = seals(chain);
        int last = chain.length();
        List<Optional<MessageSignature>> signatures = new ArrayList<>();
        for (int i = 1; i < last; i++) {
            signatures.add(earlier(chain.set(i)));
        }
        MessageSignature newest = newest(chain, keys);
        signatures.add(Optional.of(newest));
        BodyHashes bodies = new BodyHashes(signatures.stream()
                .flatMap(Optional::stream)
                .map(signature -> signature.tags().body())
                .toList());
        message.body(bodies);
        bodies.end();
        SignedFields signed = new SignedFields(message.fields());
        try {
            check(chain.set(last), newest, keys, bodies, signed);
        } catch (UnusableException e) {
            throw new BrokenChain("message signature " + last, e);
        }
        checkSeals(chain, seals, keys);
        int oldest = oldest(chain, signatures, keys, bodies, signed);
        String uncovered = newest.uncovered(signed);
        return new ChainResult(
                ChainResult.Status.PASS,
                uncovered,
                oldest,
                uncovered.isEmpty() ? seals.stream().map(Seal::domain).toList() : List.of(),
                false);
    }

    private static List<Seal> seals(Chain chain) throws BrokenChain {
        List<Seal> seals = new ArrayList<>();
        for (int i = 1; i <= chain.length(); i++) {
            Seal seal = Seal.of(chain.set(i).seal(), i);
            // RFC 8617 5.2, step 3: the first has nothing before it, and all others only what is right.
            if (!seal.status().equals(i == 1 ? "none" : "pass")) {
                throw new BrokenChain("seal " + i + " has a wrong tag cv");
            }
            seals.add(seal);
        }
        return seals;
    }

    private MessageSignature newest(Chain chain, Keys keys) throws BrokenChain {
        try {
            MessageSignature signature =
                    MessageSignature.of(chain.set(chain.length()).signature());
            long expiry = signature.tags().expiry();
            if (expiry >= 0 && clock.instant().getEpochSecond() > expiry) {
                throw new BrokenChain("message signature " + chain.length() + " is expired");
            }
            key(keys, signature);
            return signature;
        } catch (UnusableException e) {
            throw new BrokenChain("message signature " + chain.length(), e);
        }
    }

    /** One that need not be right any more; what leaves a part of the body out never is, which bounds the hashes of a body. */
    private static Optional<MessageSignature> earlier(ArcSet set) {
        try {
            return Optional.of(MessageSignature.of(set.signature()))
                    .filter(signature -> signature.tags().length() < 0);
        } catch (UnusableException e) {
            return Optional.empty();
        }
    }

    private static KeyRecord key(Keys keys, MessageSignature signature) throws UnusableException {
        return Key.find(
                keys,
                signature.tags().algorithm(),
                signature.tags().selector(),
                signature.tags().domain());
    }

    private static void check(ArcSet set, MessageSignature signature, Keys keys, BodyHashes bodies, SignedFields signed)
            throws UnusableException {
        BodyHashes.Wanted body = signature.tags().body();
        boolean whole = signature.tags().length() < 0 || signature.tags().length() == bodies.octets(body);
        if (!whole
                || !bodies.hash(body)
                        .filter(hash -> Arrays.equals(hash, signature.tags().bodyHash()))
                        .isPresent()) {
            throw Key.fail("the body is not what was signed");
        }
        String data = signed.data(signature.names(), signature.tags().headerForm(), set.signature());
        KeyRecord key = key(keys, signature);
        if (!key.algorithm()
                .verifies(
                        key.key(),
                        data.getBytes(StandardCharsets.ISO_8859_1),
                        signature.tags().signature())) {
            throw Key.fail("it is not right");
        }
    }

    private static void checkSeals(Chain chain, List<Seal> seals, Keys keys) throws BrokenChain {
        SealedText text = new SealedText(chain.sets());
        for (int i = chain.length(); i >= 1; i--) {
            Seal seal = seals.get(i - 1);
            try {
                KeyRecord key = Key.find(keys, seal.algorithm(), seal.selector(), seal.domain());
                if (!key.algorithm().verifies(key.key(), text.of(i), seal.signature())) {
                    throw Key.fail("it is not right");
                }
            } catch (UnusableException e) {
                throw new BrokenChain("seal " + i, e);
            }
        }
    }

    /** RFC 8617 5.2, step 5: where the message was changed last, as far as it can be told. */
    private static int oldest(
            Chain chain,
            List<Optional<MessageSignature>> signatures,
            Keys keys,
            BodyHashes bodies,
            SignedFields signed) {
        for (int i = chain.length() - 1; i >= 1; i--) {
            Optional<MessageSignature> signature = signatures.get(i - 1);
            try {
                check(chain.set(i), signature.orElseThrow(() -> Key.fail("it can not be read")), keys, bodies, signed);
            } catch (UnusableException e) {
                return i + 1;
            }
        }
        return 0;
    }
}
