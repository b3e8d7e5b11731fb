// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The users of the file as it was read once, and which of its lines mean none.
 *
 * @param byName the users by their names
 * @param damage what is wrong, with the number of each line
 */
record Users(Map<String, User> byName, List<String> damage) {
    static final Users NONE = new Users(Map.of(), List.of());

    static Users parse(List<String> lines) {
        Map<String, User> byName = new TreeMap<>();
        List<String> damage = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (UserLine.isComment(line)) {
                continue;
            }
            String name = UserLine.name(line);
            try {
                User user = UserLine.parse(line);
                if (!names.add(user.name())) {
                    // Which one counts nobody can tell.
                    byName.remove(user.name());
                    throw new DamagedLine("the name stands there twice, so neither counts");
                }
                byName.put(user.name(), user);
            } catch (DamagedLine e) {
                names.add(name);
                byName.remove(name);
                damage.add("line " + (i + 1) + " (" + printable(name) + "): " + e.getMessage());
            }
        }
        return new Users(byName, List.copyOf(damage));
    }

    /** A damaged line may begin with anything, a password too: what is no name is not shown. */
    private static String printable(String name) {
        return name.length() <= 100 && name.chars().allMatch(c -> c > ' ' && c < 127) && !name.contains(":")
                ? name
                : "unreadable";
    }

    /** The cost of the hash that takes the most time; 0 when there are no users. */
    int highestCost() {
        return byName.values().stream()
                .mapToInt(user -> user.hash().cost())
                .max()
                .orElse(0);
    }

    Optional<User> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }
}
