// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.routing;

import java.util.EnumSet;
import java.util.Set;
import org.posthouse.conditions.Condition;
import org.posthouse.conditions.Field;
import org.posthouse.conditions.Scene;

/**
 * One rule.
 *
 * @param number its place in the configuration, from 1
 * @param condition when it applies
 * @param action what it does then
 * @param comment what was written behind {@code #}, or empty
 */
record RouteRule(int number, Condition condition, RouteAction action, String comment) {
    /** What is not known, or can still change, before the message is there. */
    private static final Set<Field> LATE = EnumSet.of(Field.SIZE, Field.SCORE, Field.TENANT, Field.HEADER);

    /** Whether it can only be told with the message. */
    boolean late() {
        return condition.asks(LATE);
    }

    boolean applies(Scene scene) {
        return condition.holds(scene);
    }

    /** What log and trace are told. */
    String reason() {
        return "routing rule " + number + (comment.isEmpty() ? "" : ": " + comment);
    }
}
