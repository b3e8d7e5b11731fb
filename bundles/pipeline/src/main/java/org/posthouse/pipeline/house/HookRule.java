// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.util.Dictionary;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.OnFailure;
import org.posthouse.api.config.Unit;
import org.posthouse.pipeline.HookSpec;
import org.posthouse.pipeline.Terms;

/**
 * What the operator says of one hook.
 *
 * @param mode whether what it says counts; off is neither asked nor expected
 * @param timeoutMillis its budget; 0 for the declared one
 * @param onFailure its failure verdict; null for the declared one
 * @param listeners the listeners it applies to; empty for all
 * @param tenants the tenants it applies to; empty for all
 * @param share the percent of sessions that the newest generation judges
 * @param maxConcurrent how often it may be asked at once; 0 for any number
 * @param breaker when it is not asked any more for a while
 */
record HookRule(
        Mode mode,
        long timeoutMillis,
        @Nullable OnFailure onFailure,
        Set<String> listeners,
        Set<String> tenants,
        int share,
        int maxConcurrent,
        Terms.Breaking breaker) {
    private static final Terms.Breaking BREAKING = new Terms.Breaking(50, 100, 10_000);
    static final HookRule NONE = new HookRule(Mode.ENFORCE, 0, null, Set.of(), Set.of(), 100, 0, BREAKING);

    /** The factory PID of the rules of single hooks. */
    static final String HOOKS_PID = "hooks";

    /** The configuration of one hook. */
    @ObjectClassDefinition(
            factoryPid = HOOKS_PID,
            name = "Hook",
            description = "How one hook is asked; the name of the section is the name of the hook.")
    @interface HookConfig {
        @AttributeDefinition(
                description =
                        "Whether what the hook says counts; shadow asks it and only reports what it would have changed,"
                                + " off does not ask it and also means that it is not expected any more.",
                options = {@Option("enforce"), @Option("shadow"), @Option("off")},
                required = false)
        String mode() default "enforce";

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                description = "The time budget of one answer; 0s is what the hook declares.",
                defaultValue = "0s",
                required = false)
        long timeout();

        @AttributeDefinition(
                description =
                        "What happens to the asked transaction when the hook fails; declared is what the hook says.",
                options = {
                    @Option("declared"),
                    @Option("continue"),
                    @Option("defer"),
                    @Option("hold"),
                    @Option("disconnect")
                },
                required = false)
        String onFailure() default "declared";

        @AttributeDefinition(
                description = "Names of the listeners whose sessions the hook is asked about; none is all.",
                required = false)
        String[] listeners() default {};

        @AttributeDefinition(
                description =
                        "Names of the tenants whose mail the hook is asked about; none is all, also mail without one.",
                required = false)
        String[] tenants() default {};

        @AttributeDefinition(
                description =
                        "The percentage of sessions that the newest version judges, while the one before judges the"
                                + " rest; of several hooks of a plugin the smallest counts.",
                defaultValue = "100",
                min = "0",
                max = "100",
                required = false)
        int share();

        @AttributeDefinition(
                description =
                        "How often the hook may be asked at once; whoever comes then gets its failure verdict. 0 is any"
                                + " number.",
                defaultValue = "0",
                min = "0",
                required = false)
        int maxConcurrent();

        @AttributeDefinition(
                description =
                        "Of the last breakerCalls answers, the percentage of failures that opens the breaker: the hook"
                                + " is then not asked and its failure verdict given at once. 0 is no breaker.",
                defaultValue = "50",
                min = "0",
                max = "100",
                required = false)
        int breakerFailures();

        @AttributeDefinition(
                description = "How many answers the breaker looks back on; it never opens before as many.",
                defaultValue = "100",
                min = "2",
                max = "10000",
                required = false)
        int breakerCalls();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                description = "How long an open breaker waits before it lets the hook be asked again, to try.",
                defaultValue = "10s",
                required = false)
        long breakerPause();
    }

    /** Whether what a hook says counts. */
    enum Mode {
        ENFORCE,
        SHADOW,
        OFF
    }

    boolean off() {
        return mode == Mode.OFF;
    }

    /** The terms of a generation that judges these buckets of sessions. */
    Terms terms(int from, int to) {
        return new Terms(mode == Mode.SHADOW, listeners, tenants, from, to, maxConcurrent, breaker);
    }

    /** The spec with this rule applied. */
    HookSpec over(HookSpec spec) {
        long budget = timeoutMillis > 0 ? Math.min(timeoutMillis, 300_000) : spec.timeoutMillis();
        return spec.with(budget, onFailure == null ? spec.onFailure() : onFailure);
    }

    /** Reads converted values, as they stand in ConfigurationAdmin. */
    static HookRule of(Dictionary<String, Object> values) {
        String failure = ConfigValues.text(values.get("onFailure"), "declared");
        return new HookRule(
                Mode.valueOf(ConfigValues.text(values.get("mode"), "enforce").toUpperCase(Locale.ROOT)),
                ConfigValues.number(values.get("timeout"), 0),
                failure.equals("declared") ? null : OnFailure.valueOf(failure.toUpperCase(Locale.ROOT)),
                Set.copyOf(ConfigValues.texts(values.get("listeners"))),
                Set.copyOf(ConfigValues.texts(values.get("tenants"))),
                (int) ConfigValues.number(values.get("share"), 100),
                (int) ConfigValues.number(values.get("maxConcurrent"), 0),
                new Terms.Breaking(
                        (int) ConfigValues.number(values.get("breakerFailures"), BREAKING.failures()),
                        (int) ConfigValues.number(values.get("breakerCalls"), BREAKING.calls()),
                        ConfigValues.number(values.get("breakerPause"), BREAKING.pauseMillis())));
    }
}
