// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.fuzz;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.TimeUnit;

/** Hands inputs to the target that a system property names, and watches the heap meanwhile. */
public final class Watched {
    private static final MethodHandle TARGET = target(System.getProperty("posthouse.fuzz.target", ""));
    private static final HeapWatch HEAP = new HeapWatch(
            TimeUnit.SECONDS.toNanos(Integer.getInteger("posthouse.fuzz.seconds", 3)),
            System::nanoTime,
            HeapWatch::live,
            growth -> System.out.println("Heap " + (growth >> 10) + " kB"));

    private Watched() {}

    private static MethodHandle target(String name) {
        try {
            return MethodHandles.lookup()
                    .findStatic(
                            Class.forName(name), "fuzzerTestOneInput", MethodType.methodType(void.class, byte[].class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("No target " + name, e);
        }
    }

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) throws Throwable {
        TARGET.invokeExact(data);
        HEAP.passed();
    }
}
