// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.trace;

import java.util.Dictionary;
import org.jspecify.annotations.Nullable;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.config.Unit;

/**
 * How much is traced and kept.
 *
 * @param percent of how many sessions, 0 to 100
 * @param keep how many traces are kept in memory
 * @param octets how much heap they may take together
 * @param stored how many traces are stored as files
 */
public record TraceSettings(int percent, int keep, long octets, int stored) {
    /** The PID of these settings. */
    public static final String PID = "trace";

    /** As the configuration has it when nothing is said. */
    public static final TraceSettings DEFAULT = new TraceSettings(100, 2000, 16_000_000, 1000);

    /** Nothing is traced. */
    public static final TraceSettings OFF = new TraceSettings(0, 0, 0, 0);

    /** The configuration of traces. */
    @ObjectClassDefinition(
            pid = PID,
            name = "Trace",
            description = "What is remembered of the answers of hooks, so that nobody has to guess.")
    @interface Config {
        @AttributeDefinition(
                description = "The percentage of sessions that are traced. 0 traces only what a watch waits for.",
                defaultValue = "100",
                min = "0",
                max = "100",
                required = false)
        int sample();

        @AttributeDefinition(
                description = "How many traces are kept in memory; the oldest go first.",
                defaultValue = "2000",
                min = "0",
                max = "1000000",
                required = false)
        int keep();

        @Unit(Unit.Kind.SIZE)
        @AttributeDefinition(
                description = "How much memory the traces may take together, roughly; the oldest go first.",
                defaultValue = "16MB",
                required = false)
        long memory();

        @AttributeDefinition(
                description = "How many traces that a watch waited for are kept as files in `<dataDir>/traces/`.",
                defaultValue = "1000",
                min = "0",
                max = "100000",
                required = false)
        int stored();
    }

    /** Reads converted values, as they stand in ConfigurationAdmin; null when nothing is configured. */
    public static TraceSettings of(@Nullable Dictionary<String, Object> values) {
        if (values == null) {
            return DEFAULT;
        }
        return new TraceSettings(
                (int) number(values.get("sample"), DEFAULT.percent),
                (int) number(values.get("keep"), DEFAULT.keep),
                number(values.get("memory"), DEFAULT.octets),
                (int) number(values.get("stored"), DEFAULT.stored));
    }

    private static long number(@Nullable Object value, long otherwise) {
        return value instanceof Number number ? number.longValue() : otherwise;
    }
}
