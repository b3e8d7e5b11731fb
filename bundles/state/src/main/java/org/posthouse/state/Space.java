// SPDX-License-Identifier: Apache-2.0
package org.posthouse.state;

import java.io.UncheckedIOException;
import org.posthouse.pipeline.spi.HookScope;
import org.posthouse.spool.spi.SpoolException;

/**
 * One table of one owner as this thread is to see it: in earnest its own, while a hook is asked in shadow one beside it,
 * in a replay one that is thrown away.
 */
final class Space {
    private static final int NAME = 100;

    private final StateHouse house;
    private final String owner;
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
        this.earnest = new Cell.TableName(kind.prefix(owner) + name, kind.synced());
        this.shadow = new Cell.TableName(kind.prefix(owner + "~shadow") + name, kind.synced());
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

    Clock clock() {
        return house.clock();
    }
}
