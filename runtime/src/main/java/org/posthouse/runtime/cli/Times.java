// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;

/** How the server's times are shown: UTC, to the second. */
final class Times {
    private Times() {}

    static String time(JsonNode time) {
        if (time.isNull() || time.isMissingNode()) {
            return "";
        }
        try {
            return Instant.parse(time.asText()).truncatedTo(ChronoUnit.SECONDS).toString();
        } catch (DateTimeParseException e) {
            return time.asText();
        }
    }

    /** A time to come, or {@code now} when it has passed; empty when there is none. */
    static String due(JsonNode time) {
        String text = time(time);
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return text.isEmpty() || text.compareTo(now) > 0 ? text : "now";
    }
}
