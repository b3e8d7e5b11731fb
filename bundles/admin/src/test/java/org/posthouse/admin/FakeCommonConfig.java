// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.List;
import java.util.Map;
import org.posthouse.admin.spi.CommonConfig;
import org.posthouse.admin.spi.RefusedException;
import org.posthouse.config.spi.SharedFiles.Change;

/** A configuration of two nodes that takes every change, but those of {@code plugins/bad.yaml}. */
final class FakeCommonConfig implements CommonConfig {
    @Override
    public Applied apply(Change change, String who) throws RefusedException {
        if (change.files().containsKey("plugins/bad.yaml")) {
            throw new RefusedException(
                    "Nothing was changed on any node", List.of("b: plugins/bad.yaml:1: bad.wrod: unknown key"));
        }
        return new Applied("1a2b", Map.of("a", "in force", "b", "in force"));
    }

    @Override
    public List<Comparison> compare() {
        return List.of(
                new Comparison("a", "same", "", Map.of()),
                new Comparison("b", "differs", "", Map.of("plugins/spf.yaml", "missing")));
    }
}
