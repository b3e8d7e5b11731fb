// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.posthouse.spool.spi.Vault;

/** How many limits there are: as many as the vault last counted, and those that were new since. */
final class Crowd {
    private final Supplier<Vault.Count> counted;
    private final AtomicLong fresh = new AtomicLong();
    private volatile long walk;
    private volatile long most;

    Crowd(Supplier<Vault.Count> counted, long most) {
        this.counted = counted;
        this.most = most;
    }

    void limit(long limits) {
        most = limits;
    }

    /** A new limit wants to come in; whether there are too many already. */
    boolean enter() {
        Vault.Count count = counted.get();
        if (count.walk() != walk) {
            walk = count.walk();
            fresh.set(0);
        }
        return count.items() + fresh.incrementAndGet() > most;
    }
}
