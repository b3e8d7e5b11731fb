// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import java.util.Map;

/** What the operator wants done for each action of rspamd. */
final class Remedies {
    private final Map<String, Remedy> byAction;
    private final Remedy other;

    Remedies(Rspamd.Config config) {
        this.byAction = Map.of(
                Judgement.NO_ACTION,
                Remedy.CONTINUE,
                "greylist",
                Remedy.of(config.greylist()),
                "add header",
                Remedy.of(config.addHeader()),
                "rewrite subject",
                Remedy.of(config.rewriteSubject()),
                "soft reject",
                Remedy.of(config.softReject()),
                "reject",
                Remedy.of(config.reject()),
                "quarantine",
                Remedy.of(config.quarantine()),
                "discard",
                Remedy.of(config.discard()));
        this.other = Remedy.of(config.other());
    }

    /** What is done about a judgement. */
    Remedy of(Judgement judgement) {
        if (judgement.milter().noAction()) {
            return Remedy.CONTINUE;
        }
        Remedy remedy = byAction.getOrDefault(judgement.action(), other);
        if (remedy != Remedy.REJECT) {
            return remedy;
        }
        return switch (judgement.milter().inPlaceOfReject()) {
            case "discard" -> Remedy.DISCARD;
            case "quarantine" -> Remedy.HOLD;
            default -> Remedy.REJECT;
        };
    }

    /** The action as a tag of a metric: one of few words. */
    String word(Judgement judgement) {
        if (judgement.skipped()) {
            return "skipped";
        }
        return byAction.containsKey(judgement.action()) ? judgement.action().replace(' ', '-') : "other";
    }
}
