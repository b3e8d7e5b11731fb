// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Stage;
import org.posthouse.pipeline.HookSpec;

final class OrderTest {
    private static HookSpec hook(String name, int ranking, List<String> after, List<String> before) {
        return new HookSpec(name, "p-" + name, Stage.RCPT, after, before, ranking, Set.of(), 5000, OnFailure.DEFER);
    }

    private static HookSpec hook(String name, String... after) {
        return hook(name, 0, List.of(after), List.of());
    }

    private static List<String> sort(List<HookSpec> specs, String... explicit) throws HouseException {
        return Order.sort(
                        specs.stream().map(spec -> Seat.whole(spec, null)).toList(),
                        List.of(explicit),
                        "pipeline.order.rcpt")
                .stream()
                .map(Seat::name)
                .toList();
    }

    @Test
    void sortsByRankingThenName() throws HouseException {
        assertEquals(List.of("z", "a", "b"), sort(List.of(hook("b"), hook("a"), hook("z", 5, List.of(), List.of()))));
    }

    @Test
    void afterAndBeforeWinOverRanking() throws HouseException {
        assertEquals(
                List.of("first", "b", "a"),
                sort(List.of(
                        hook("a", 9, List.of("b"), List.of()),
                        hook("b"),
                        hook("first", -5, List.of(), List.of("b", "nobody")))));
    }

    @Test
    void theStarIsAllOthersButThoseThatNameIt() throws HouseException {
        assertEquals(
                List.of("a", "z", "score", "report"),
                sort(List.of(
                        hook("report", "score"), hook("score", 9, List.of("*"), List.of()), hook("z"), hook("a"))));
        assertEquals(List.of("zz", "a"), sort(List.of(hook("a"), hook("zz", 0, List.of(), List.of("*")))));
    }

    @Test
    void twoHooksThatWantToBeLastAreNoCycle() throws HouseException {
        assertEquals(List.of("a", "x", "y"), sort(List.of(hook("y", "*"), hook("x", "*"), hook("a"))));
    }

    @Test
    void theListOfTheOperatorOverridesDeclarations() throws HouseException {
        assertEquals(List.of("a", "b", "c"), sort(List.of(hook("a", "b"), hook("b"), hook("c")), "a", "gone", "b"));
    }

    @Test
    void refusesACycleAndNamesTheKey() {
        HouseException e =
                assertThrows(HouseException.class, () -> sort(List.of(hook("a", "b"), hook("b", "a"), hook("c"))));
        assertTrue(e.getMessage().contains("pipeline.order.rcpt: [a, b]"), e.getMessage());
    }

    @Test
    void refusesAListThatNamesAHookTwice() {
        assertThrows(HouseException.class, () -> sort(List.of(hook("a")), "a", "a"));
    }
}
