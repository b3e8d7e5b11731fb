// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.spool.spi.SpoolException;
import org.posthouse.state.spi.Commons;

/**
 * One table of one owner as this thread is to see it: in earnest its own, while a hook is asked in shadow one beside it,
 * in a replay one that is thrown away.
 */
final class Space {
    private static final int NAME = 100;
    private static final String SHADOW = "~shadow";

    /** What stands between the name of a counter's table and that of the node that adds to it. */
    private static final char OF_NODE = '\u0001';

    private final StateHouse house;
    private final String owner;
    private final Kind kind;
    private final Cell.TableName earnest;
    private final Cell.TableName shadow;

    /** What may be done with the cells. */
    interface Use<T> {
        T of(Cells cells, Cell.TableName table) throws SpoolException;
    }

    /**
     * A table.
     *
     * @param kind tells tables of one name apart
     * @param owner the symbolic name of the bundle that uses it
     */
    Space(StateHouse house, Kind kind, String owner, String name) {
        if (name.isEmpty() || name.length() > NAME) {
            throw new IllegalArgumentException("A name holds 1 to " + NAME + " characters: " + name);
        }
        this.house = house;
        this.owner = owner;
        this.kind = kind;
        this.earnest = new Cell.TableName(kind.prefix(owner) + name, kind.synced(), kind.shared());
        this.shadow = new Cell.TableName(kind.prefix(owner + SHADOW) + name, kind.synced(), false);
    }

    /** The kinds of tables. */
    enum Kind {
        TABLE("t", true),
        COUNTERS("c", false),
        LIMITS("l", false);

        private final String mark;
        private final boolean synced;

        Kind(String mark, boolean synced) {
            this.mark = mark;
            this.synced = synced;
        }

        boolean synced() {
            return synced;
        }

        boolean shared() {
            return this != LIMITS;
        }

        /** What the names of all tables of this kind begin with. */
        String prefix() {
            return mark + ":";
        }

        /** What the names of all tables of this kind and owner begin with. */
        String prefix(String owner) {
            return prefix() + owner + ":";
        }
    }

    /**
     * Uses the table.
     *
     * @throws UncheckedIOException when the store can not be read or written, so that a hook fails and does not decide on
     *     what it does not know
     */
    <T> T use(Use<T> use) {
        HookScope scope = HookScope.of(owner);
        try {
            if (scope == null) {
                return use.of(house.cells(), earnest);
            }
            return scope.mode() == HookScope.Mode.SHADOW
                    ? use.of(house.cells(), shadow)
                    : use.of(house.scratch(scope), earnest);
        } catch (SpoolException e) {
            throw new UncheckedIOException("Shared state can not be reached now", e);
        }
    }

    /** Whether this thread uses the table in earnest. */
    boolean inEarnest() {
        return HookScope.of(owner) == null;
    }

    /**
     * The tables of which the sum is the counter: that of this node, then those of the others. Alone there is one, and
     * what is tried only has one as well.
     */
    List<Cell.TableName> slots(Cell.TableName table) {
        Commons commons = house.commons();
        if (commons == null || !table.shared() || !inEarnest()) {
            return List.of(table);
        }
        List<Cell.TableName> slots = new ArrayList<>();
        slots.add(slot(table, commons.self()));
        commons.others().forEach(node -> slots.add(slot(table, node)));
        return slots;
    }

    private Cell.TableName slot(Cell.TableName table, String node) {
        return new Cell.TableName(table.text() + OF_NODE + node, kind.synced(), true);
    }

    /** The table of this name, when the nodes of a cluster share it. */
    static Optional<Cell.TableName> shared(String text) {
        int end = text.indexOf(':', 2);
        if (end < 0 || text.substring(0, end).endsWith(SHADOW)) {
            return Optional.empty();
        }
        for (Kind kind : Kind.values()) {
            if (kind.shared() && text.startsWith(kind.prefix())) {
                return Optional.of(new Cell.TableName(text, kind.synced(), true));
            }
        }
        return Optional.empty();
    }

    Clock clock() {
        return house.clock();
    }
}
