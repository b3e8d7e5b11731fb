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

/**
 * What the operator says of hooks and their order.
 *
 * @param hooks the rule of each named hook
 * @param order the explicit lists, by stage
 * @param drainMillis how long transactions may go on with a replaced generation
 */
record HookRules(Map<String, Rule> hooks, Map<Stage, List<String>> order, long drainMillis) {
    static final HookRules NONE = new HookRules(Map.of(), Map.of(), 600_000);

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
    }

    /** The configuration of one hook. */
    @ObjectClassDefinition(
            factoryPid = HOOKS_PID,
            name = "Hook",
            description = "How one hook is asked; the name of the section is the name of the hook.")
    @interface HookConfig {
        @AttributeDefinition(
                description = "Whether the hook is asked; off also means that it is not expected any more.",
                options = {@Option("enforce"), @Option("off")},
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
    }

    /**
     * What the operator says of one hook.
     *
     * @param off whether it is neither asked nor expected
     * @param timeoutMillis its budget; 0 for the declared one
     * @param onFailure its failure verdict; null for the declared one
     * @param listeners the listeners it applies to; empty for all
     */
    record Rule(boolean off, long timeoutMillis, @Nullable OnFailure onFailure, Set<String> listeners) {
        static final Rule NONE = new Rule(false, 0, null, Set.of());

        /** The spec with this rule applied. */
        HookSpec over(HookSpec spec) {
            long budget = timeoutMillis > 0 ? Math.min(timeoutMillis, 300_000) : spec.timeoutMillis();
            return spec.with(budget, onFailure == null ? spec.onFailure() : onFailure);
        }
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
            return new HookRules(Map.copyOf(rules), Map.of(), NONE.drainMillis());
        }
        Map<Stage, List<String>> order = new EnumMap<>(Stage.class);
        for (Stage stage : Stage.values()) {
            order.put(stage, texts(pipeline.get("order." + stage.name().toLowerCase(Locale.ROOT))));
        }
        Object drain = pipeline.get("drain");
        return new HookRules(
                Map.copyOf(rules), order, drain instanceof Number millis ? millis.longValue() : NONE.drainMillis());
    }

    private static Rule rule(Dictionary<String, Object> values) {
        String failure = text(values.get("onFailure"), "declared");
        return new Rule(
                text(values.get("mode"), "enforce").equals("off"),
                values.get("timeout") instanceof Number millis ? millis.longValue() : 0,
                failure.equals("declared") ? null : OnFailure.valueOf(failure.toUpperCase(Locale.ROOT)),
                Set.copyOf(texts(values.get("listeners"))));
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
