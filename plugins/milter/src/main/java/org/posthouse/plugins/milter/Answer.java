// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import org.posthouse.api.Reply;

/** One packet of a milter, read and checked. */
sealed interface Answer {
    /** What it agreed to at the beginning. */
    record Negotiated(Options options) implements Answer {}

    /** Go on. */
    record Continue() implements Answer {}

    /** Enough of the body: go on with what comes behind it. */
    record Skip() implements Answer {}

    /** No more questions about this message, or at the first two steps about this session. */
    record Accept() implements Answer {}

    /** Take the message and throw it away. */
    record Discard() implements Answer {}

    /** Refuse for good. */
    record Reject() implements Answer {}

    /** Refuse for now. */
    record Tempfail() implements Answer {}

    /** Refuse with these words. */
    record Refuse(Reply reply) implements Answer {}

    /** End the connection. */
    record Shutdown() implements Answer {}

    /** Still at work. */
    record Progress() implements Answer {}

    /** A change of the message, which may come before the last answer to the end of the message. */
    sealed interface Change extends Answer {
        /** The leave that it takes, one of those of {@link Options}. */
        int action();
    }

    /** Adds a field at the end; octets as ISO 8859-1. */
    record AddHeader(String name, String value) implements Change {
        @Override
        public int action() {
            return Options.ADD_HEADERS;
        }
    }

    /** Inserts a field; 0 stands for the top of the message with the server's own Received field. */
    record InsertHeader(int index, String name, String value) implements Change {
        @Override
        public int action() {
            return Options.ADD_HEADERS;
        }
    }

    /** Changes the so many-th field of this name, or removes it when the value is empty. */
    record ChangeHeader(int occurrence, String name, String value) implements Change {
        @Override
        public int action() {
            return Options.CHANGE_HEADERS;
        }
    }

    /** Changes the reverse-path. */
    record ChangeSender(String path, String arguments) implements Change {
        @Override
        public int action() {
            return Options.CHANGE_SENDER;
        }
    }

    /** Adds a recipient. */
    record AddRecipient(String path, String arguments) implements Change {
        @Override
        public int action() {
            return arguments.isEmpty()
                    ? Options.ADD_RECIPIENT | Options.ADD_RECIPIENT_WITH
                    : Options.ADD_RECIPIENT_WITH;
        }
    }

    /** Removes a recipient. */
    record RemoveRecipient(String path) implements Change {
        @Override
        public int action() {
            return Options.REMOVE_RECIPIENT;
        }
    }

    /** The next octets of a new body. */
    record ReplaceBody(byte[] octets) implements Change {
        @Override
        public int action() {
            return Options.CHANGE_BODY;
        }
    }

    /** Hold the message. */
    record Quarantine(String reason) implements Change {
        @Override
        public int action() {
            return Options.QUARANTINE;
        }
    }
}
