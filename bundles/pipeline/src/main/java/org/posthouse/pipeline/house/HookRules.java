// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.util.Dictionary;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.posthouse.api.OnFailure;
import org.posthouse.api.Stage;
import org.posthouse.api.config.Unit;
import org.posthouse.pipeline.HookSpec;
import org.posthouse.pipeline.Terms;

/**
 * What the operator says of hooks and their order.
 *
 * @param hooks the rule of each named hook
 * @param order the explicit lists, by stage
 * @param drainMillis how long transactions may go on with a replaced generation
 * @param watching when a new version is rolled back by itself
 * @param trustedCertificates PEM files of those who may sign plugins; none for anybody
 */
record HookRules(
        Map<String, Rule> hooks,
        Map<Stage, List<String>> order,
        long drainMillis,
        Watching watching,
        List<String> trustedCertificates) {
    private static final Terms.Breaking BREAKING = new Terms.Breaking(50, 100, 10_000);
    static final HookRules NONE = new HookRules(Map.of(), Map.of(), 600_000, Watching.DEFAULT, List.of());

    /** The PID of the order. */
    static final String PIPELINE_PID = "pipeline";

    /** The factory PID of the rules of single hooks. */
    static final String HOOKS_PID = "hooks";

    /** The configuration of the order. */
    @ObjectClassDefinition(
            pid = PIPELINE_PID,
            name = "Pipeline",
            description = "The order in which hooks are asked, where their own declarations do not say enough.")
    @interface PipelineConfig {
        @AttributeDefinition(
                description = "Names of connect hooks in the order in which they are asked.",
                required = false)
        String[] order_connect() default {};

        @AttributeDefinition(
                description = "Names of helo hooks in the order in which they are asked.",
                required = false)
        String[] order_helo() default {};

        @AttributeDefinition(
                description = "Names of authenticators in the order in which they are asked.",
                required = false)
        String[] order_auth() default {};

        @AttributeDefinition(
                description = "Names of mail hooks in the order in which they are asked.",
                required = false)
        String[] order_mail() default {};

        @AttributeDefinition(
                description = "Names of recipient hooks in the order in which they are asked.",
                required = false)
        String[] order_rcpt() default {};

        @AttributeDefinition(
                description = "Names of data hooks in the order in which they are asked.",
                required = false)
        String[] order_data() default {};

        @AttributeDefinition(
                description = "Names of queue hooks in the order in which they are asked.",
                required = false)
        String[] order_queue() default {};

        @AttributeDefinition(
                description = "Names of deliver hooks in the order in which they are asked.",
                required = false)
        String[] order_deliver() default {};

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                description = "How long open transactions go on with a replaced plugin; what is open then is deferred.",
                defaultValue = "10m",
                required = false)
        long drain();

        @Unit(Unit.Kind.DURATION)
        @AttributeDefinition(
                description =
                        "How long a new version of a plugin is watched; if it does badly meanwhile, the jar before it"
                                + " is put back. 0s is never.",
                defaultValue = "10m",
                required = false)
        long watch();

        @AttributeDefinition(
                description = "A watched version is rolled back when this percentage of its answers are failures.",
                defaultValue = "5",
                min = "1",
                max = "100",
                required = false)
        int watchFailures();

        @AttributeDefinition(
                description =
                        "A watched version is rolled back when its answers take this many times as long as those of"
                                + " the version before, and more than a millisecond. 0 is never.",
                defaultValue = "5",
                min = "0",
                max = "1000",
                required = false)
        int watchSlowdown();

        @AttributeDefinition(
                description =
                        "PEM files of the certificates that may sign plugins; with any, a jar that none of them signed"
                                + " is refused. Relative to the data folder.",
                required = false)
        String[] trustedCertificates() default {};
    }

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
    record Rule(
            Mode mode,
            long timeoutMillis,
            @Nullable OnFailure onFailure,
            Set<String> listeners,
            Set<String> tenants,
            int share,
            int maxConcurrent,
            Terms.Breaking breaker) {
        static final Rule NONE = new Rule(Mode.ENFORCE, 0, null, Set.of(), Set.of(), 100, 0, BREAKING);

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
    }

    /**
     * How a new version is watched.
     *
     * @param millis how long; 0 for never
     * @param failures percent of its answers
     * @param slowdown times as slow as the version before; 0 for never
     */
    record Watching(long millis, int failures, int slowdown) {
        static final Watching DEFAULT = new Watching(600_000, 5, 5);
    }

    /** The percent of sessions that the newest version of a plugin with these hooks judges. */
    int share(List<HookSpec> specs) {
        return specs.stream().mapToInt(spec -> rule(spec.name()).share()).min().orElse(100);
    }

    Rule rule(String hook) {
        return hooks.getOrDefault(hook, Rule.NONE);
    }

    /** The key of the explicit list of a stage. */
    static String key(Stage stage) {
        return PIPELINE_PID + ".order." + stage.name().toLowerCase(Locale.ROOT);
    }

    /** Reads converted values, as they stand in ConfigurationAdmin. */
    static HookRules of(@Nullable Dictionary<String, Object> pipeline, Map<String, Dictionary<String, Object>> hooks) {
        Map<String, Rule> rules = new HashMap<>();
        hooks.forEach((hook, values) -> rules.put(hook, rule(values)));
        if (pipeline == null) {
            return new HookRules(
                    Map.copyOf(rules), Map.of(), NONE.drainMillis(), NONE.watching(), NONE.trustedCertificates());
        }
        Map<Stage, List<String>> order = new EnumMap<>(Stage.class);
        for (Stage stage : Stage.values()) {
            order.put(stage, texts(pipeline.get("order." + stage.name().toLowerCase(Locale.ROOT))));
        }
        Watching otherwise = Watching.DEFAULT;
        Watching watching = new Watching(
                number(pipeline.get("watch"), otherwise.millis()),
                (int) number(pipeline.get("watchFailures"), otherwise.failures()),
                (int) number(pipeline.get("watchSlowdown"), otherwise.slowdown()));
        return new HookRules(
                Map.copyOf(rules),
                order,
                number(pipeline.get("drain"), NONE.drainMillis()),
                watching,
                texts(pipeline.get("trustedCertificates")));
    }

    private static Rule rule(Dictionary<String, Object> values) {
        String failure = text(values.get("onFailure"), "declared");
        return new Rule(
                Mode.valueOf(text(values.get("mode"), "enforce").toUpperCase(Locale.ROOT)),
                number(values.get("timeout"), 0),
                failure.equals("declared") ? null : OnFailure.valueOf(failure.toUpperCase(Locale.ROOT)),
                Set.copyOf(texts(values.get("listeners"))),
                Set.copyOf(texts(values.get("tenants"))),
                (int) number(values.get("share"), 100),
                (int) number(values.get("maxConcurrent"), 0),
                new Terms.Breaking(
                        (int) number(values.get("breakerFailures"), BREAKING.failures()),
                        (int) number(values.get("breakerCalls"), BREAKING.calls()),
                        number(values.get("breakerPause"), BREAKING.pauseMillis())));
    }

    private static long number(@Nullable Object value, long otherwise) {
        return value instanceof Number number ? number.longValue() : otherwise;
    }

    private static String text(@Nullable Object value, String otherwise) {
        return value == null ? otherwise : value.toString();
    }

    private static List<String> texts(@Nullable Object value) {
        if (value instanceof String[] texts) {
            return List.of(texts);
        }
        if (value instanceof Iterable<?> many) {
            List<String> texts = new java.util.ArrayList<>();
            many.forEach(text -> texts.add(String.valueOf(text)));
            return texts;
        }
        return value instanceof String one && !one.isBlank() ? List.of(one.strip()) : List.of();
    }
}
