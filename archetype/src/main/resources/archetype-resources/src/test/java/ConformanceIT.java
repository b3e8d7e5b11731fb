package ${package};

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.posthouse.testkit.conformance.Conformance;
import org.posthouse.testkit.conformance.PluginFiles;

/** What every plugin must do, checked on the packed jar. */
final class ConformanceIT {
    @TestFactory
    Stream<DynamicTest> conforms() {
        return Conformance.of(PluginFiles.ofProject(Path.of(""))).tests();
    }
}
