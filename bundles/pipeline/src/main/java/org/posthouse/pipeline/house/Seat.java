// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.HookSpec;

/**
 * A hook that wants a place in its stage.
 *
 * @param spec what it declares
 * @param tenancy the generation it belongs to; null when it is expected but not there
 * @param from the first bucket of sessions that this generation judges
 * @param to the bucket behind the last one
 */
record Seat(HookSpec spec, @Nullable Tenancy tenancy, int from, int to) {
    /** A hook that all sessions ask. */
    static Seat whole(HookSpec spec, @Nullable Tenancy tenancy) {
        return new Seat(spec, tenancy, 0, 100);
    }

    /** Whether some session asks both: two generations of one plugin never meet. */
    boolean meets(Seat other) {
        return !spec.plugin().equals(other.spec.plugin())
                || tenancy == other.tenancy && from == other.from && to == other.to;
    }

    String name() {
        return spec.name();
    }
}
