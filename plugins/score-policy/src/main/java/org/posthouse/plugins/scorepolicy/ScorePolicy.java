// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.scorepolicy;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Edit;
import org.posthouse.api.Headers;
import org.posthouse.api.Message;
import org.posthouse.api.Need;
import org.posthouse.api.Recipient;
import org.posthouse.api.Transaction;
import org.posthouse.api.Verdict;
import org.posthouse.api.hook.DataHook;
import org.posthouse.api.hook.Hook;
import org.posthouse.api.hook.RcptHook;

/** Adds up what the other hooks scored and turns the sum into a verdict and headers. Asked last in its stages. */
@Hook(name = "score-policy", after = "*", needs = Need.EDIT_HEADERS)
@Component(configurationPid = "score-policy", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ScorePolicy.Config.class)
public final class ScorePolicy implements RcptHook, DataHook {
    /** What the operator sets. */
    @ObjectClassDefinition(name = "Score policy")
    @interface Config {
        @AttributeDefinition(
                min = "0",
                description = "Sums of at least this are refused with 550 5.7.1; 0 is never.",
                required = false)
        double reject() default 0;

        @AttributeDefinition(
                min = "0",
                description = "Sums of at least this are refused for now with 451 4.7.1; 0 is never.",
                required = false)
        double defer() default 0;

        @AttributeDefinition(
                min = "0",
                description = "Messages with sums of at least this are accepted and held; 0 is never.",
                required = false)
        double hold() default 0;

        @AttributeDefinition(
                min = "0",
                description = "Messages with sums of at least this are accepted and thrown away; 0 is never.",
                required = false)
        double discard() default 0;

        @AttributeDefinition(
                min = "0",
                description = "Messages with sums of at least this get `X-Spam-Flag: YES`; 0 is never.",
                required = false)
        double tag() default 0;

        @AttributeDefinition(
                description = "Gives every message the fields `X-Spam-Score` and `X-Spam-Symbols`, not only the"
                        + " tagged ones.",
                required = false)
        boolean headers() default false;

        @AttributeDefinition(
                description = "Whether `reject` and `defer` count already at RCPT, for what was scored until then;"
                        + " postmaster is spared there.",
                required = false)
        boolean early() default false;

        @AttributeDefinition(
                description = "Factors of symbols as `SYMBOL=factor`; `BEGINNING*=factor` means all that begin so.",
                required = false)
        String[] weights() default {};

        @AttributeDefinition(
                description = "Symbols that do not count; `BEGINNING*` means all that begin so.",
                required = false)
        String[] ignore() default {};

        @AttributeDefinition(description = "What a refused client is told.", required = false)
        String text() default "Message refused as unwanted";
    }

    private static final int TOP = 5;
    // The fields of this plugin; those that a stranger wrote himself would be believed further on.
    private static final String FLAG = "X-Spam-Flag";
    private static final String SCORE = "X-Spam-Score";
    private static final String SYMBOLS = "X-Spam-Symbols";

    private final Thresholds thresholds;
    private final Weights weights;
    private final double tag;
    private final boolean headers;
    private final boolean early;
    private final DistributionSummary sums;
    private final MeterRegistry meters;

    @Activate
    public ScorePolicy(@Reference MeterRegistry meters, Config config) {
        this.thresholds =
                new Thresholds(config.reject(), config.discard(), config.hold(), config.defer(), config.text());
        this.weights = new Weights(config.weights(), config.ignore());
        this.tag = config.tag();
        this.headers = config.headers();
        this.early = config.early();
        this.meters = meters;
        this.sums = DistributionSummary.builder("posthouse.score")
                .description("Sums of scores of messages; sums below 0 count as 0")
                .serviceLevelObjectives(1, 2, 3, 5, 7, 10, 15, 20)
                .register(meters);
    }

    @Override
    public Verdict onRcpt(Transaction tx, Recipient recipient) {
        // RFC 5321 4.5.1: who is refused must be able to reach postmaster.
        if (!early || recipient.address().local().equalsIgnoreCase("postmaster")) {
            return Verdict.next();
        }
        Verdict verdict = thresholds.judge(Sum.of(tx.scores(), weights), TOP);
        return verdict instanceof Verdict.Refusal ? counted(verdict) : Verdict.next();
    }

    @Override
    public Verdict onMessage(Transaction tx, Message message) {
        Sum sum = Sum.of(tx.scores(), weights);
        sums.record(Math.max(0, sum.points()));
        Verdict verdict = thresholds.judge(sum, TOP);
        if (!(verdict instanceof Verdict.Refusal)) {
            write(tx, message.headers(), sum);
        }
        return counted(verdict);
    }

    private void write(Transaction tx, Headers present, Sum sum) {
        boolean tagged = reached(sum, tag);
        if (tag > 0 || headers) {
            for (String name : new String[] {FLAG, SCORE, SYMBOLS}) {
                if (present.first(name).isPresent()) {
                    tx.edit(new Edit.RemoveHeader(name, 0));
                }
            }
        }
        if (tagged) {
            tx.edit(Edit.addHeader(FLAG, "YES"));
            meters.counter("posthouse.score.verdicts", "verdict", "tag").increment();
        }
        if (tagged || headers) {
            tx.edit(Edit.addHeader(SCORE, sum.rounded()));
            // RFC 5322 2.1.1: lines of at most 998 characters; each symbol has at most 60.
            tx.edit(Edit.addHeader(
                    SYMBOLS, sum.parts().isEmpty() ? "none" : sum.top(TOP).replace(", ", ",\r\n ")));
        }
    }

    private Verdict counted(Verdict verdict) {
        String name = verdict.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
        meters.counter("posthouse.score.verdicts", "verdict", name).increment();
        return verdict;
    }

    static boolean reached(Sum sum, double threshold) {
        return threshold > 0 && sum.points() >= threshold;
    }
}
