// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.api.hook.Authenticator.ScramKeys.Keys;

/** The users and their passwords: checks them, in the same way whether a user is known, disabled or not there. */
final class Accounts {
    /** Less than the budget of a hook, so that being busy is told apart from hanging. */
    private static final long WAIT_SECONDS = 4;

    private final UserFile file;
    private final int minPassword;
    private final int iterations;
    private final Semaphore places;
    private final Hash nobody = Hash.ofNothing();
    private volatile @Nullable FalseKeys falseKeys;

    Accounts(Path file, int minPassword, int iterations, int concurrency) {
        this.file = new UserFile(file);
        this.minPassword = minPassword;
        this.iterations = iterations;
        this.places = new Semaphore(concurrency, true);
    }

    static Accounts of(AuthFile.Config config, BundleContext context) {
        String data = context.getProperty("posthouse.data");
        Path file = Path.of(data == null ? "" : data).resolve(config.file()).toAbsolutePath();
        return new Accounts(file, config.minPassword(), config.scramIterations(), config.concurrency());
    }

    UserFile file() {
        return file;
    }

    int minPassword() {
        return minPassword;
    }

    int iterations() {
        return iterations;
    }

    /** Reads the file for the first time, so that what is wrong with it is told when the plugin starts. */
    void prepare() throws IOException {
        file.users();
        falseKeys();
    }

    private FalseKeys falseKeys() throws IOException {
        FalseKeys known = falseKeys;
        if (known == null) {
            known = FalseKeys.beside(file.path(), iterations);
            falseKeys = known;
        }
        return known;
    }

    Optional<User> find(String name) throws IOException {
        return file.users().find(canonical(name));
    }

    private static String canonical(String name) {
        return Spelling.prepared(name).toLowerCase(Locale.ROOT);
    }

    Answer check(String name, String password) {
        Optional<User> user;
        try {
            user = find(name);
        } catch (IOException e) {
            return new Answer.Unavailable("the users can not be read: " + e);
        }
        Hash hash = user.map(User::hash).orElse(nobody);
        try {
            if (!places.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                return new Answer.Unavailable("too many passwords are being checked");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer.Unavailable("interrupted");
        }
        boolean right;
        try {
            right = hash.matches(Spelling.prepared(password));
        } finally {
            places.release();
        }
        if (user.isEmpty()) {
            return new Answer.Denied("unknown user");
        }
        if (user.get().disabled()) {
            return new Answer.Denied("disabled user");
        }
        return right ? new Answer.Granted(user.get().name()) : new Answer.Denied("wrong password");
    }

    Optional<Keys> scramKeys(String name) {
        try {
            String canonical = canonical(name);
            Optional<User> user = find(name);
            ScramRecord scram = user.map(User::scram).orElse(null);
            FalseKeys lies = falseKeys();
            if (user.isEmpty() || scram == null) {
                return Optional.of(lies.of(canonical).keys(canonical));
            }
            // The salt stays the same, or it would tell that the user was disabled.
            return Optional.of(
                    user.get().disabled()
                            ? lies.with(canonical, scram.salt(), scram.iterations())
                                    .keys(canonical)
                            : scram.keys(canonical));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
