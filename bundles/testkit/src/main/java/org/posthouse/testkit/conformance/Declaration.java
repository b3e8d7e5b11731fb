// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.framework.wiring.BundleRevision;
import org.posthouse.api.Need;
import org.posthouse.api.hook.Hook;

/**
 * A hook as the manifest declares it.
 *
 * @param name its name
 * @param type the name of its class
 * @param needs what it declares
 * @param timeoutMillis its budget
 */
record Declaration(String name, String type, Set<Need> needs, long timeoutMillis) {
    private static final long DEFAULT_BUDGET = 5000;

    static List<Declaration> of(BundleRevision plugin) {
        List<Declaration> found = new ArrayList<>();
        plugin.getDeclaredCapabilities(Hook.NAMESPACE).forEach(capability -> {
            var attributes = capability.getAttributes();
            Object budget = attributes.getOrDefault("timeoutMillis", DEFAULT_BUDGET);
            found.add(new Declaration(
                    String.valueOf(attributes.get("name")),
                    String.valueOf(attributes.get("class")),
                    needs(attributes.getOrDefault("needs", List.of())),
                    Long.parseLong(budget.toString())));
        });
        return found;
    }

    private static Set<Need> needs(Object written) {
        List<?> words = written instanceof List<?> list
                ? list
                : List.of(written.toString().split(","));
        return words.stream()
                .map(word -> word.toString().strip())
                .filter(word -> !word.isEmpty())
                .map(Need::valueOf)
                .collect(Collectors.toUnmodifiableSet());
    }
}
