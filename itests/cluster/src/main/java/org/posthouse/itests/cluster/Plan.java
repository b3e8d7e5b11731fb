// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One fault as it will be done; it follows from seed and number alone, so that a campaign can go on where it ended.
 *
 * @param number counted from 1
 * @param kind what fails
 * @param victims the numbers of the nodes it befalls, from 1
 * @param seconds how long it lasts
 * @param dice for what else is left to chance
 */
record Plan(int number, Kind kind, List<Integer> victims, int seconds, long dice) {
    private static final int SHORT = 1;
    /** Nobody is fenced before 10 s. */
    private static final int LONG = 16;

    /** The fault with this number; in each round over all kinds every kind has its turn. */
    static Plan of(long seed, int number, int nodes, List<Kind> kinds) {
        List<Kind> round = new ArrayList<>(kinds);
        Collections.shuffle(round, new Random(seed * 1_000_003 + (number - 1) / kinds.size()));
        Kind kind = round.get((number - 1) % kinds.size());
        Random random = new Random(seed * 7_368_787 + number);
        return new Plan(number, kind, victims(kind, nodes, random), seconds(kind, nodes, random), random.nextLong());
    }

    private static List<Integer> victims(Kind kind, int nodes, Random random) {
        List<Integer> all =
                new ArrayList<>(IntStream.rangeClosed(1, nodes).boxed().toList());
        Collections.shuffle(all, random);
        return switch (kind) {
            case KILL_ALL, FLAP -> List.copyOf(all);
            case KILL_TWO, CUT_PAIR -> List.copyOf(all.subList(0, 2));
            // The only one whose clock can jump.
            case CLOCK -> List.of(nodes);
            default -> List.of(all.getFirst());
        };
    }

    private static int seconds(Kind kind, int nodes, Random random) {
        boolean brief = nodes == 1
                || switch (kind) {
                    case KILL, KILL_TWO, PAUSE -> random.nextInt(3) == 0;
                    case KILL_ALL, DISK_FULL, DISK_SLOW, DISK_FAILING, CLOCK -> random.nextBoolean();
                    default -> false;
                };
        return (brief ? SHORT : LONG) + random.nextInt(brief ? 6 : 10);
    }

    /** The victims by name, as one word. */
    String who() {
        return victims.stream().map(v -> "n" + v).collect(Collectors.joining("+"));
    }
}
