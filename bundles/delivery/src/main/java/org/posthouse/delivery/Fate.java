// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery;

import java.time.Duration;
import org.posthouse.api.Outcome;

/** What became of one recipient of a parcel. */
sealed interface Fate {
    /** A reply decided it. */
    record Done(Outcome outcome) implements Fate {}

    /** A hook wants a pause before the next attempt; this was none. */
    record Delayed(Duration pause, String reason) implements Fate {}

    /** A hook wants it held. */
    record Held(String reason) implements Fate {}

    /** The ledger refused the intent: nothing was handed over. */
    record Withdrawn() implements Fate {}
}
