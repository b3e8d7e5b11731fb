// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import org.jspecify.annotations.Nullable;

/** A plugin by its name: the jar that was dropped last, the generations that serve, and why when none does. */
final class Resident {
    final String name;

    @Nullable
    PluginJar jar;

    /** The newest generation. */
    @Nullable
    Tenancy serving;

    /** While the newest jar judges a share of the sessions only: the generation of the jar before, which judges the rest. */
    @Nullable
    Tenancy beside;

    /** While the newest jar is watched. */
    @Nullable
    Watch watch;

    State state = State.MISSING;
    String detail = "";

    /** Why the watch put the jar before back the last time. */
    String withdrawn = "";

    /** The states of a plugin, as the operator sees them. */
    enum State {
        ACTIVE,
        WAITING,
        MISSING,
        DISABLED,
        FAILED
    }

    Resident(String name) {
        this.name = name;
    }

    void is(State now, String why) {
        state = now;
        detail = why;
    }
}
