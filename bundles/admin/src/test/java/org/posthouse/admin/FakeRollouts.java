// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.posthouse.admin.spi.RefusedException;
import org.posthouse.admin.spi.Rollouts;

/** Rollouts that are done at once; those of {@code lonely} are refused because of node b. */
final class FakeRollouts implements Rollouts {
    private Rollout last = rollout("install", "greylist", "");

    @Override
    public Rollout install(Path jar, String first, boolean skipMissing, String who) throws RefusedException {
        String text;
        try {
            text = Files.readString(jar);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return refusing(text.substring(4).strip(), "install", first + (skipMissing ? " skips" : ""));
    }

    @Override
    public Rollout everywhere(Verb verb, String plugin, String who) throws RefusedException {
        return refusing(plugin, verb.name().toLowerCase(Locale.ROOT), "");
    }

    private Rollout refusing(String plugin, String action, String detail) throws RefusedException {
        if (plugin.equals("lonely")) {
            throw new RefusedException("Nothing was begun", List.of("b: does not answer"));
        }
        last = rollout(action, plugin, detail);
        return last;
    }

    private static Rollout rollout(String action, String plugin, String detail) {
        Instant at = Instant.parse("2026-11-25T08:00:00Z");
        List<Node> nodes =
                List.of(new Node("a", "serves", "", List.of(new Step("waiting", at, ""), new Step("serves", at, ""))));
        return new Rollout("1a2b", action, plugin, "2.0.0", "ann", DONE, detail, at, at.plusSeconds(1), nodes);
    }

    @Override
    public Optional<Rollout> last() {
        return Optional.of(last);
    }
}
