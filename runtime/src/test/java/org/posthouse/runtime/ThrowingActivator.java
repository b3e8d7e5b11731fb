// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** A bundle that does not start. */
public final class ThrowingActivator implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        throw new IllegalStateException("port 25 is taken");
    }

    @Override
    public void stop(BundleContext context) {
        throw new AssertionError("never started");
    }
}
