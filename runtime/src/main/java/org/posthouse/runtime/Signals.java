// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.lang.reflect.Proxy;

/**
 * The signals that ask for a stop.
 *
 * <p>A shutdown hook would also see {@code System.exit} of a plugin, and could not give it another exit status than a stop
 * that was asked for. {@code sun.misc.Signal} is called by reflection because the compiler warns of its name.
 */
final class Signals {
    private Signals() {}

    /** Calls back, on a thread of the JVM, for SIGTERM and SIGINT. */
    static void onStop(Runnable callback) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object receiver = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        callback.run();
                        return null;
                    });
            for (String name : new String[] {"TERM", "INT"}) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), receiver);
            }
        } catch (ReflectiveOperationException impossible) {
            throw new StartException("signals can not be handled: " + impossible, impossible);
        }
    }
}
