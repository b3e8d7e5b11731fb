// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.posthouse.api.Stage;
import org.posthouse.conditions.Condition;

/**
 * One rule.
 *
 * @param text as it was written
 * @param stage where it is asked
 * @param condition when it applies
 * @param action what it does then
 * @param until when it ends, if ever
 * @param comment what was written behind {@code #}, or empty
 */
record Rule(String text, Stage stage, Condition condition, Action action, Optional<Instant> until, String comment) {
    /** The name of the rule: made of its text, so that it is the same on every node and after every restart. */
    String id() {
        return id(text);
    }

    static String id(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** What log and trace are told. */
    String reason() {
        return "rule " + id() + (comment.isEmpty() ? "" : ": " + comment);
    }
}
