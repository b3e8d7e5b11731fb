// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authhttp;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.api.hook.Authenticator.Credentials.Password;

/**
 * Remembers answers for a while, under a keyed digest of the credentials that ends with this process, and asks once where
 * several want to know the same.
 */
final class Remembered {
    private static final int KEY_OCTETS = 32;

    private final long grantedNanos;
    private final long deniedNanos;
    private final Function<Password, Answer> source;
    private final SecretKeySpec key;
    private final Map<String, Told> entries;
    private final Map<String, CompletableFuture<Answer>> asking = new ConcurrentHashMap<>();

    private record Told(Answer answer, long ends) {}

    Remembered(long grantedMillis, long deniedMillis, int most, Function<Password, Answer> source) {
        this.grantedNanos = TimeUnit.MILLISECONDS.toNanos(grantedMillis);
        this.deniedNanos = TimeUnit.MILLISECONDS.toNanos(deniedMillis);
        this.source = source;
        byte[] secret = new byte[KEY_OCTETS];
        new SecureRandom().nextBytes(secret);
        this.key = new SecretKeySpec(secret, "HmacSHA256");
        this.entries = new Recent(most);
    }

    Answer ask(Password password) {
        String digest = digest(password);
        Answer known = find(digest);
        if (known != null) {
            return known;
        }
        CompletableFuture<Answer> mine = new CompletableFuture<>();
        CompletableFuture<Answer> first = asking.putIfAbsent(digest, mine);
        if (first != null) {
            return first.join();
        }
        Answer answer = new Answer.Unavailable("the question failed");
        try {
            answer = source.apply(password);
            keep(digest, answer);
            return answer;
        } finally {
            asking.remove(digest);
            mine.complete(answer);
        }
    }

    private @Nullable Answer find(String digest) {
        synchronized (entries) {
            Told entry = entries.get(digest);
            return entry != null && entry.ends() - System.nanoTime() > 0 ? entry.answer() : null;
        }
    }

    private void keep(String digest, Answer answer) {
        long nanos = switch (answer) {
            case Answer.Granted granted -> grantedNanos;
            case Answer.Denied denied -> deniedNanos;
            case Answer.Unavailable unavailable -> 0;
        };
        if (nanos > 0) {
            synchronized (entries) {
                entries.put(digest, new Told(answer, System.nanoTime() + nanos));
            }
        }
    }

    private String digest(Password password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update(password.user().getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            mac.update(password.password().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(mac.doFinal());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has HmacSHA256", e);
        }
    }

    /** The entries, of which the one that was used longest ago goes when there are too many. */
    private static final class Recent extends LinkedHashMap<String, Told> {
        private static final long serialVersionUID = 1L;

        private final int most;

        Recent(int most) {
            super(16, 0.75f, true);
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Told> eldest) {
            return size() > most;
        }
    }
}
