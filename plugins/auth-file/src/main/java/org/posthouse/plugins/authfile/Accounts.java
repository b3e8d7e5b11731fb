// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.hook.Authenticator.Answer;
import org.posthouse.api.hook.Authenticator.ScramKeys.Keys;

/** The users and their passwords: checks them, in the same way whether a user is known, disabled or not there. */
final class Accounts {
    /** Less than the budget of a hook, so that being busy is told apart from hanging. */
    private static final long WAIT_SECONDS = 4;

    private final UserFile file;
    private final int minPassword;
    private final int iterations;
    private final int cost;
    private final Semaphore places;
    private volatile @Nullable FalseKeys falseKeys;

    Accounts(AuthFile.Config config) {
        this.file = new UserFile(Path.of(config.file()));
        this.minPassword = config.minPassword();
        this.iterations = config.scramIterations();
        this.cost = config.cost();
        this.places = new Semaphore(config.concurrency(), true);
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

    int cost() {
        return cost;
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
        Users users;
        try {
            users = file.users();
        } catch (IOException e) {
            return new Answer.Unavailable("the users can not be read: " + e);
        }
        Optional<User> user = users.find(canonical(name));
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
            right = matches(user, Spelling.prepared(password), Math.max(cost, users.highestCost()));
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

    private static boolean matches(Optional<User> user, String password, int most) {
        if (user.isPresent()) {
            return user.get().hash().matches(password, most);
        }
        Hash.spend(password, most);
        return false;
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
