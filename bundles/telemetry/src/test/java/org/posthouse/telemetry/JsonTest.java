// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonTest {
    private static String quote(String text) {
        StringBuilder out = new StringBuilder();
        Json.quote(out, text);
        return out.toString();
    }

    @Test
    void escapesQuotesBackslashesAndControls() {
        assertEquals(
                "\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0000\\u001f\\u007f\\u0085\"",
                quote("a\"b\\c\n\r\t\b\f\0\u001f\u007f\u0085"));
    }

    @Test
    void keepsLettersOfAllPlanes() {
        assertEquals("\"Grüße 日本 \uD83D\uDCEC\"", quote("Grüße 日本 \uD83D\uDCEC"));
    }

    @Test
    void escapesLoneSurrogatesSoThatUtf8CarriesThem() {
        assertEquals("\"\\ud83dx\\udcec\"", quote("\uD83Dx\uDCEC"));
        assertEquals("\"\\ud83d\"", quote("\uD83D"));
        String json = quote("\uDCEC\uD83D");
        assertEquals(json, new String(json.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }

    @Test
    void escapesWhatEndsALineForSomeReaders() {
        assertEquals("\"\\u2028\\u2029\"", quote("\u2028\u2029"));
    }
}
