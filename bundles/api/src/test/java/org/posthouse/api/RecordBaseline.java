// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import org.junit.jupiter.api.Test;

/** Records the API at a release; no test of the build: {@code mvn test -pl bundles/api -Dtest=RecordBaseline}. */
final class RecordBaseline {
    @Test
    void recordsTheApiAsItIsNow() throws Exception {
        ApiTree.compiled().record();
    }
}
