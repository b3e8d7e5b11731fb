// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit.conformance;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Lets a build check a plugin without a line of code in it: the build names the files and looks for tests in the testkit. */
public final class PluginConformanceIT {
    @TestFactory
    Stream<DynamicTest> conforms() {
        return Conformance.of(PluginFiles.ofProperties()).tests();
    }
}
