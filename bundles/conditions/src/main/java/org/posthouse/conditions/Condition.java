// SPDX-License-Identifier: Apache-2.0
package org.posthouse.conditions;

import com.google.re2j.Pattern;
import java.net.InetAddress;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.posthouse.outside.network.Network;

/** When a rule applies. */
public sealed interface Condition {
    /** Whether it applies here. */
    boolean holds(Scene scene);

    /** Whether it asks about one of these fields. */
    boolean asks(Set<Field> fields);

    /** All hold. */
    record And(List<Condition> parts) implements Condition {
        public And {
            parts = List.copyOf(parts);
        }

        @Override
        public boolean holds(Scene scene) {
            return parts.stream().allMatch(part -> part.holds(scene));
        }

        @Override
        public boolean asks(Set<Field> fields) {
            return parts.stream().anyMatch(part -> part.asks(fields));
        }
    }

    /** One holds at least. */
    record Or(List<Condition> parts) implements Condition {
        public Or {
            parts = List.copyOf(parts);
        }

        @Override
        public boolean holds(Scene scene) {
            return parts.stream().anyMatch(part -> part.holds(scene));
        }

        @Override
        public boolean asks(Set<Field> fields) {
            return parts.stream().anyMatch(part -> part.asks(fields));
        }
    }

    /** It does not hold. */
    record Not(Condition part) implements Condition {
        @Override
        public boolean holds(Scene scene) {
            return !part.holds(scene);
        }

        @Override
        public boolean asks(Set<Field> fields) {
            return part.asks(fields);
        }
    }

    /** Something is so. */
    record Flag(Field field) implements Condition {
        @Override
        public boolean holds(Scene scene) {
            return scene.flag(field);
        }

        @Override
        public boolean asks(Set<Field> fields) {
            return fields.contains(field);
        }
    }

    /** One of the values is like one of the patterns. */
    record Like(Field field, String name, List<Glob> patterns) implements Condition {
        public Like {
            patterns = List.copyOf(patterns);
        }

        @Override
        public boolean holds(Scene scene) {
            for (String value : scene.texts(field, name)) {
                for (Glob pattern : patterns) {
                    if (pattern.matches(value)) {
                        return true;
                    }
                }
            }
            return false;
        }

        @Override
        public boolean asks(Set<Field> fields) {
            return fields.contains(field);
        }
    }

    /** The expression is found in one of the values. */
    record Found(Field field, String name, Pattern expression) implements Condition {
        @Override
        public boolean holds(Scene scene) {
            return scene.texts(field, name).stream()
                    .anyMatch(value -> expression.matcher(value).find());
        }

        @Override
        public boolean asks(Set<Field> fields) {
            return fields.contains(field);
        }
    }

    /** The peer is in one of the networks. */
    record Within(List<Network> networks) implements Condition {
        public Within {
            networks = List.copyOf(networks);
        }

        @Override
        public boolean holds(Scene scene) {
            InetAddress peer = scene.peer();
            return peer != null && networks.stream().anyMatch(network -> network.contains(peer));
        }

        @Override
        public boolean asks(Set<Field> fields) {
            return fields.contains(Field.PEER);
        }
    }

    /** The number is known and compares so. */
    record Compared(Field field, String name, Comparison comparison, double with) implements Condition {
        @Override
        public boolean holds(Scene scene) {
            OptionalDouble number = scene.number(field, name);
            return number.isPresent() && comparison.holds(Double.compare(number.getAsDouble(), with));
        }

        @Override
        public boolean asks(Set<Field> fields) {
            return fields.contains(field);
        }
    }

    /** How numbers are compared. */
    enum Comparison {
        EQUAL,
        LESS,
        AT_MOST,
        MORE,
        AT_LEAST;

        boolean holds(int order) {
            return switch (this) {
                case EQUAL -> order == 0;
                case LESS -> order < 0;
                case AT_MOST -> order <= 0;
                case MORE -> order > 0;
                case AT_LEAST -> order >= 0;
            };
        }
    }
}
