// SPDX-License-Identifier: Apache-2.0
package org.posthouse.conditions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthouse.api.Stage;

/** What a condition asks about; what it means is tried by the plugins that have rules. */
final class ConditionTest {
    private static Condition read(String text) throws RuleException {
        return new ConditionParser(new Cursor(text), Stage.QUEUE).condition();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "any|ANY",
                "not trusted|TRUSTED",
                "peer in (192.0.2.0/24, ::1)|PEER",
                "from = *@example.org and (size > 1MB or header X-Spam ~ \"^yes\")|FROM,SIZE,HEADER",
                "tenant != shop or not (to in (a@example.org, b@example.org))|TENANT,TO",
                "score >= 5 and score DNSBL != 2|SCORE",
            })
    void knowsWhatItAsksAbout(String text, String fields) throws RuleException {
        Condition condition = read(text);
        String asked = EnumSet.allOf(Field.class).stream()
                .filter(field -> condition.asks(Set.of(field)))
                .map(Field::name)
                .collect(Collectors.joining(","));
        assertEquals(Set.of(fields.split(",")), Set.of(asked.split(",")));
    }

    @Test
    void likenessIsOfTheWholeTextInAnyCase() {
        Glob glob = new Glob("*@*.Example.ORG");
        assertTrue(glob.matches("anna@mail.example.org"));
        assertFalse(glob.matches("anna@example.org"));
        assertFalse(glob.matches("anna@mail.example.org.test"));
    }
}
