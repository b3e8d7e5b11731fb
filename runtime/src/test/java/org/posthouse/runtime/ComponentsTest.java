// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class ComponentsTest {
    @Test
    void takesTheInnermostCauseOfATrace() {
        String trace = """
                java.lang.reflect.InvocationTargetException
                \tat java.base/jdk.internal.reflect.DirectConstructorHandleAccessor.newInstance(X.java:74)
                Caused by: java.io.UncheckedIOException: listener mx
                \t... 9 more
                Caused by: java.net.BindException: Address already in use
                \t... 12 more
                """;
        assertEquals("java.net.BindException: Address already in use", Components.reason(trace));
    }

    @Test
    void takesTheFirstLineWhenThereIsNoCause() {
        assertEquals("broken", Components.reason("broken\n\tat x"));
    }
}
