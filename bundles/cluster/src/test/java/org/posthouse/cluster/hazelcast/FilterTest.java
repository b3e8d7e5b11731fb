// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.hazelcast.config.Config;
import com.hazelcast.internal.serialization.InternalSerializationService;
import com.hazelcast.internal.serialization.impl.DefaultSerializationServiceBuilder;
import com.hazelcast.spi.exception.TargetNotMemberException;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.cluster.settings.Finder;
import org.posthouse.cluster.settings.Socket;

/** What a member takes that others serialized. */
class FilterTest {
    private static InternalSerializationService service(Config config) {
        return new DefaultSerializationServiceBuilder()
                .setConfig(config.getSerializationConfig())
                .setClassLoader(FilterTest.class.getClassLoader())
                .build();
    }

    private final InternalSerializationService ours = service(Instance.config(
            new Place(
                    "mail", "a", new Socket("127.0.0.1", 1), new Socket("127.0.0.1", 1), List.of(), new Finder(false)),
            octets -> {}));
    private final InternalSerializationService theirs = service(new Config());

    @Test
    void takesNoClassByItsName() {
        assertThrows(RuntimeException.class, () -> ours.toObject(theirs.toData(new BitSet())));
    }

    @Test
    void takesWhatHazelcastItselfThrows() {
        assertInstanceOf(
                TargetNotMemberException.class, ours.toObject(theirs.toData(new TargetNotMemberException("gone"))));
    }
}
