// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.util.Dictionary;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.Stage;
import org.posthouse.api.config.Unit;
import org.posthouse.pipeline.HookSpec;

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
        Map<String, HookRule> hooks,
        Map<Stage, List<String>> order,
        long drainMillis,
        Watching watching,
        List<String> trustedCertificates) {
    static final HookRules NONE = new HookRules(Map.of(), Map.of(), 600_000, Watching.DEFAULT, List.of());

    /** The PID of the order. */
    static final String PIPELINE_PID = "pipeline";

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
                                + " the version before, and more than five milliseconds. 0 is never.",
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

    HookRule rule(String hook) {
        return hooks.getOrDefault(hook, HookRule.NONE);
    }

    /** The key of the explicit list of a stage. */
    static String key(Stage stage) {
        return PIPELINE_PID + ".order." + stage.name().toLowerCase(Locale.ROOT);
    }

    /** Reads converted values, as they stand in ConfigurationAdmin. */
    static HookRules of(@Nullable Dictionary<String, Object> pipeline, Map<String, Dictionary<String, Object>> hooks) {
        Map<String, HookRule> rules = new HashMap<>();
        hooks.forEach((hook, values) -> rules.put(hook, HookRule.of(values)));
        if (pipeline == null) {
            return new HookRules(
                    Map.copyOf(rules), Map.of(), NONE.drainMillis(), NONE.watching(), NONE.trustedCertificates());
        }
        Map<Stage, List<String>> order = new EnumMap<>(Stage.class);
        for (Stage stage : Stage.values()) {
            order.put(
                    stage,
                    ConfigValues.texts(pipeline.get("order." + stage.name().toLowerCase(Locale.ROOT))));
        }
        Watching otherwise = Watching.DEFAULT;
        Watching watching = new Watching(
                ConfigValues.number(pipeline.get("watch"), otherwise.millis()),
                (int) ConfigValues.number(pipeline.get("watchFailures"), otherwise.failures()),
                (int) ConfigValues.number(pipeline.get("watchSlowdown"), otherwise.slowdown()));
        return new HookRules(
                Map.copyOf(rules),
                order,
                ConfigValues.number(pipeline.get("drain"), NONE.drainMillis()),
                watching,
                ConfigValues.texts(pipeline.get("trustedCertificates")));
    }
}
