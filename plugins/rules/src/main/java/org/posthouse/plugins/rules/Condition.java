// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rules;

import com.google.re2j.Pattern;
import java.util.List;
import java.util.OptionalDouble;

/** When a rule applies. */
sealed interface Condition {
    boolean holds(Scene scene);

    /** All hold. */
    record And(List<Condition> parts) implements Condition {
        public And {
            parts = List.copyOf(parts);
        }

        @Override
        public boolean holds(Scene scene) {
            return parts.stream().allMatch(part -> part.holds(scene));
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
    }

    /** It does not hold. */
    record Not(Condition part) implements Condition {
        @Override
        public boolean holds(Scene scene) {
            return !part.holds(scene);
        }
    }

    /** Something is so. */
    record Flag(Field field) implements Condition {
        @Override
        public boolean holds(Scene scene) {
            return scene.flag(field);
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
    }

    /** The expression is found in one of the values. */
    record Found(Field field, String name, Pattern expression) implements Condition {
        @Override
        public boolean holds(Scene scene) {
            return scene.texts(field, name).stream()
                    .anyMatch(value -> expression.matcher(value).find());
        }
    }

    /** The peer is in one of the networks. */
    record Within(List<Network> networks) implements Condition {
        public Within {
            networks = List.copyOf(networks);
        }

        @Override
        public boolean holds(Scene scene) {
            return networks.stream().anyMatch(network -> network.has(scene.peer()));
        }
    }

    /** The number is known and compares so. */
    record Compared(Field field, String name, Comparison comparison, double with) implements Condition {
        @Override
        public boolean holds(Scene scene) {
            OptionalDouble number = scene.number(field, name);
            return number.isPresent() && comparison.holds(Double.compare(number.getAsDouble(), with));
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
