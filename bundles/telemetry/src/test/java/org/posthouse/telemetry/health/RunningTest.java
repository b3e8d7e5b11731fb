// SPDX-License-Identifier: Apache-2.0
package org.posthouse.telemetry.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;

class RunningTest {
    private static boolean ready(int state) {
        Bundle framework = (Bundle) Proxy.newProxyInstance(
                RunningTest.class.getClassLoader(), new Class<?>[] {Bundle.class}, (proxy, method, arguments) -> {
                    assertEquals("getState", method.getName());
                    return state;
                });
        return new Running(framework).health().ready();
    }

    @Test
    void isReadyOnlyBetweenStartAndStop() {
        assertEquals(false, ready(Bundle.STARTING));
        assertEquals(true, ready(Bundle.ACTIVE));
        assertEquals(false, ready(Bundle.STOPPING));
    }
}
