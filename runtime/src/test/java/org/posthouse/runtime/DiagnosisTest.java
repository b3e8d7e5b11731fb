// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleRevision;

class DiagnosisTest {
    /** An interface whose methods answer by this table, and with null else. */
    private static <T> T answering(Class<T> type, Map<String, ? extends Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answers.get(method.getName())));
    }

    private static Bundle bundle(int state, @Nullable BundleRevision revision) {
        return revision == null
                ? answering(Bundle.class, Map.of("getState", state))
                : answering(Bundle.class, Map.of("getState", state, "adapt", revision));
    }

    @Test
    void aPluginThatIsUninstalledMeanwhileIsPassedBy() {
        BundleRevision plain = answering(
                BundleRevision.class,
                Map.of("getDeclaredCapabilities", List.of(), "getDeclaredRequirements", List.of()));
        Bundle gone = bundle(Bundle.UNINSTALLED, null);
        Bundle stuck = bundle(Bundle.INSTALLED, plain);
        Bundle stuckAndGone = bundle(Bundle.INSTALLED, null);
        assertEquals(
                List.of(),
                Diagnosis.of(List.of(stuck, stuckAndGone), new Bundle[] {gone, stuck, stuckAndGone}, List.of()));
    }
}
