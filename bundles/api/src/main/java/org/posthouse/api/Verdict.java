// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.time.Duration;
import java.util.Objects;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What a hook of a receiving stage says: a value, never a callback.
 *
 * <p>Reject, Defer and Disconnect end the stage. Hold and Discard do not, and Hold beats Discard. Accept is a vote
 * and never ends a stage, so that no recipient check can skip the greylist behind it. {@link #reason()} is for log and
 * trace alone; the client sees only {@link Refusal#reply()}. A verdict that a stage does not know counts as a failure
 * of the hook.
 */
@ProviderType
public sealed interface Verdict {
    /** Why, for the log and the trace; empty when nothing was said. */
    String reason();

    /** The same verdict with a reason for log and trace. */
    Verdict because(String reason);

    /** No opinion: the next hook is asked. */
    record Continue(String reason) implements Verdict {
        @Override
        public Continue because(String why) {
            return new Continue(why);
        }
    }

    /** A vote for a recipient; only at RCPT and only with {@link Need#ACCEPT} declared. */
    record Accept(String reason) implements Verdict {
        @Override
        public Accept because(String why) {
            return new Accept(why);
        }
    }

    /** A verdict that is told to the client. */
    @ProviderType
    sealed interface Refusal extends Verdict {
        /** What the client is told. */
        Reply reply();
    }

    /** A permanent refusal (5yz). */
    record Reject(Reply reply, String reason) implements Refusal {
        public Reject {
            if (!reply.permanent()) {
                throw new IllegalArgumentException("Reject needs a 5yz reply, not " + reply);
            }
        }

        @Override
        public Reject because(String why) {
            return new Reject(reply, why);
        }
    }

    /** A temporary refusal (4yz). */
    record Defer(Reply reply, String reason) implements Refusal {
        public Defer {
            if (!reply.temporary()) {
                throw new IllegalArgumentException("Defer needs a 4yz reply, not " + reply);
            }
        }

        @Override
        public Defer because(String why) {
            return new Defer(reply, why);
        }
    }

    /** The reply is sent and the connection closed; the code is 421 or 5yz. */
    record Disconnect(Reply reply, String reason) implements Refusal {
        public Disconnect {
            if (reply.code() != 421 && !reply.permanent()) {
                throw new IllegalArgumentException("Disconnect needs 421 or a 5yz reply, not " + reply);
            }
        }

        @Override
        public Disconnect because(String why) {
            return new Disconnect(reply, why);
        }
    }

    /** The message is accepted and thrown away; at the data and queue stages. */
    record Discard(String reason) implements Verdict {
        @Override
        public Discard because(String why) {
            return new Discard(why);
        }
    }

    /** The message is accepted and held until an operator releases it; at the data and queue stages. */
    record Hold(String reason) implements Verdict {
        public Hold {
            Objects.requireNonNull(reason, "reason");
        }

        @Override
        public Hold because(String why) {
            return new Hold(why);
        }
    }

    /** No opinion. */
    static Verdict next() {
        return new Continue("");
    }

    /** A vote for the recipient. */
    static Verdict accept() {
        return new Accept("");
    }

    /** Refuses with 550 and the enhanced code, which must begin with {@code 5.}. */
    static Verdict reject(String enhanced, String text) {
        return new Reject(new Reply(550, enhanced, text), "");
    }

    /** Refuses with the given 5yz code. */
    static Verdict reject(int code, String enhanced, String text) {
        return new Reject(new Reply(code, enhanced, text), "");
    }

    /** Refuses for now with 451 and the enhanced code, which must begin with {@code 4.}. */
    static Verdict defer(String enhanced, String text) {
        return new Defer(new Reply(451, enhanced, text), "");
    }

    /** Refuses for now with the given 4yz code. */
    static Verdict defer(int code, String enhanced, String text) {
        return new Defer(new Reply(code, enhanced, text), "");
    }

    /** Closes the connection with 421. */
    static Verdict disconnect(String text) {
        return new Disconnect(new Reply(421, "4.7.0", text), "");
    }

    /** Accepts and throws away. */
    static Verdict discard() {
        return new Discard("");
    }

    /** Accepts and keeps until released. */
    static Verdict hold(String reason) {
        return new Hold(reason);
    }

    /** What a deliver hook says of an attempt. */
    @ProviderType
    sealed interface Delivery {
        /** Why, for the log and the trace. */
        String reason();

        /** The attempt goes on. */
        record Proceed(String reason) implements Delivery {}

        /**
         * The recipients of the attempt are tried again after {@code pause} at the earliest, which is a second at least;
         * zero or less is for as long as the schedule of the queue says.
         */
        record Delay(Duration pause, String reason) implements Delivery {}

        /** The recipients of the attempt fail with this 5yz reply. */
        record Fail(Reply reply, String reason) implements Delivery {
            public Fail {
                if (!reply.permanent()) {
                    throw new IllegalArgumentException("Fail needs a 5yz reply, not " + reply);
                }
            }
        }

        /** The recipients of the attempt are held until released. */
        record Hold(String reason) implements Delivery {}

        /** The recipients of the attempt go to another route, at once. */
        record Reroute(Route route, String reason) implements Delivery {}

        /** The attempt goes on. */
        static Delivery proceed() {
            return new Proceed("");
        }
    }
}
