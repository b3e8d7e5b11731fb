// SPDX-License-Identifier: Apache-2.0
package org.posthouse.queue.spi;

/** A place where clients bring mail; a service of whoever lets them in, told by {@link Drain} when no more are to come. */
public interface Inlet {
    /** Lets no more clients in and begins nothing new; what is open goes on to its end, for a bounded time. Never waits. */
    void shut();

    /** Lets clients in again. */
    void reopen();

    /** How many clients are still there. */
    int clients();
}
