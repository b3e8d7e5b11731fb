// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.List;
import java.util.Set;
import org.posthouse.api.Need;
import org.posthouse.api.OnFailure;

/**
 * What a hook declares, for one of its stages.
 *
 * @param name the name of the hook
 * @param plugin the plugin it belongs to
 * @param stage the stage
 * @param after names of hooks that are asked before it
 * @param before names of hooks that are asked after it
 * @param ranking the service ranking, higher first
 * @param needs what it must be given
 * @param timeoutMillis the time budget of one answer
 * @param onFailure what happens when it fails
 */
public record HookSpec(
        String name,
        String plugin,
        org.posthouse.api.Stage stage,
        List<String> after,
        List<String> before,
        int ranking,
        Set<Need> needs,
        long timeoutMillis,
        OnFailure onFailure) {
    public HookSpec {
        after = List.copyOf(after);
        before = List.copyOf(before);
        needs = Set.copyOf(needs);
    }

    /** The same hook with another budget and another failure verdict. */
    public HookSpec with(long budgetMillis, OnFailure verdict) {
        return new HookSpec(name, plugin, stage, after, before, ranking, needs, budgetMillis, verdict);
    }
}
