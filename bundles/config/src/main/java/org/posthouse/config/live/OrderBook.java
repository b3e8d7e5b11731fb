// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.posthouse.config.load.Attribute;
import org.posthouse.config.load.Settings;

/**
 * Gives named things a place that stays.
 *
 * <p>The places are spread out, and a new entry takes one between its neighbours; if it shifted those behind it, adding a
 * listener would restart others.
 */
final class OrderBook {
    private static final int GAP = 1000;

    private OrderBook() {}

    /**
     * The settings with their places, ascending in file order within a factory PID.
     *
     * @param known the places in force, by full PID
     */
    static List<Settings> place(List<Settings> settings, Map<String, Integer> known) {
        List<Settings> placed = new ArrayList<>();
        String pid = "";
        int last = 0;
        for (int i = 0; i < settings.size(); i++) {
            Settings one = settings.get(i);
            if (one.name().isEmpty()) {
                placed.add(one);
                continue;
            }
            last = one.pid().equals(pid) ? last : 0;
            pid = one.pid();
            last = next(settings, i, last, known);
            placed.add(one.with(Attribute.ORDER, last));
        }
        return placed;
    }

    private static int next(List<Settings> settings, int index, int last, Map<String, Integer> known) {
        int old = known.getOrDefault(settings.get(index).fullPid(), 0);
        if (old > last) {
            return old;
        }
        for (int i = index + 1; i < settings.size(); i++) {
            Settings later = settings.get(i);
            int place = known.getOrDefault(later.fullPid(), 0);
            if (later.pid().equals(settings.get(index).pid()) && place > last + 1) {
                return last + (place - last) / 2;
            }
        }
        return last + GAP;
    }
}
